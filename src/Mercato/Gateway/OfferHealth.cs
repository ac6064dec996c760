using System.Collections.Concurrent;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// What this node has lately seen of each way to serve a call: which fail and rest for a while, and how fast the others
/// are. Every node finds out for itself, as its way to a host may differ.
/// </summary>
internal sealed class OfferHealth(TimeProvider time)
{
    /// <summary>One failure may be chance; three in a row are not.</summary>
    private const int FailuresToEject = 3;

    /// <summary>A figure from fewer answers says nothing.</summary>
    private const int AnswersToRank = 3;

    /// <summary>The weight of the newest answer in the running mean.</summary>
    private const double Weight = 0.2;

    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProbeTakes = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Record> _records = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the candidate rests now. When its rest is over, one call may try it while the others still pass it by.
    /// </summary>
    public bool IsResting(Candidate candidate)
    {
        if (!_records.TryGetValue(KeyOf(candidate), out var record))
        {
            return false;
        }

        lock (record)
        {
            return time.GetUtcNow() < (record.ProbeEndsAt > record.RestsUntil ? record.ProbeEndsAt : record.RestsUntil);
        }
    }

    /// <summary>A call goes out. The first after a rest is a probe, and the others wait for its outcome.</summary>
    public void Tried(Candidate candidate)
    {
        if (!_records.TryGetValue(KeyOf(candidate), out var record))
        {
            return;
        }

        lock (record)
        {
            if (record.Rests > 0)
            {
                record.ProbeEndsAt = time.GetUtcNow() + ProbeTakes;
            }
        }
    }

    /// <summary>The host answered: it is well.</summary>
    public void Answered(Candidate candidate)
    {
        var record = _records.GetOrAdd(KeyOf(candidate), _ => new Record());
        lock (record)
        {
            (record.Failures, record.Rests) = (0, 0);
            (record.RestsUntil, record.ProbeEndsAt) = (default, default);
        }
    }

    /// <summary>How fast a stream was.</summary>
    /// <param name="candidate">Who answered.</param>
    /// <param name="firstByte">From asking this host to its first output.</param>
    /// <param name="tokensPerSecond">Output tokens a second after that; null when there is nothing to measure.</param>
    public void Measured(Candidate candidate, TimeSpan firstByte, double? tokensPerSecond)
    {
        var record = _records.GetOrAdd(KeyOf(candidate), _ => new Record());
        lock (record)
        {
            record.Answers++;
            record.LatencyMs = Mean(record.LatencyMs, firstByte.TotalMilliseconds);
            record.Throughput = tokensPerSecond is { } speed ? Mean(record.Throughput, speed) : record.Throughput;
        }
    }

    /// <summary>The host failed. What was the request's own fault says nothing of the host.</summary>
    public void Failed(Candidate candidate, UpstreamError error)
    {
        var isOfTheRequest = error.Retry == RetryAdvice.Never
            || error.Kind is UpstreamErrorKind.NotFound or UpstreamErrorKind.TooLarge;
        var record = _records.GetOrAdd(KeyOf(candidate), _ => new Record());
        lock (record)
        {
            // A probe that ends so told nothing: the next call may be one.
            record.ProbeEndsAt = default;
            if (isOfTheRequest)
            {
                return;
            }

            record.Failures++;
            // Whoever says how long to wait is believed at once.
            if (error.RetryAfter is { } asked)
            {
                record.RestsUntil = time.GetUtcNow() + asked;
                record.Rests = Math.Max(record.Rests, 1);
            }
            else if (record.Failures >= FailuresToEject)
            {
                var rest = FirstRest * Math.Pow(2, Math.Min(record.Rests, 10));
                record.RestsUntil = time.GetUtcNow() + (rest < LongestRest ? rest : LongestRest);
                record.Rests++;
            }
        }
    }

    /// <summary>The running mean of the time to the first byte; null when too little was seen.</summary>
    public double? LatencyMs(Candidate candidate) => Find(candidate, record => record.LatencyMs);

    /// <summary>The running mean of output tokens a second; null when too little was seen.</summary>
    public double? TokensPerSecond(Candidate candidate) => Find(candidate, record => record.Throughput);

    private double? Find(Candidate candidate, Func<Record, double?> figure)
    {
        if (!_records.TryGetValue(KeyOf(candidate), out var record))
        {
            return null;
        }

        lock (record)
        {
            return record.Answers >= AnswersToRank ? figure(record) : null;
        }
    }

    /// <summary>An own key has limits of its own. Wildcard models share a record, as anybody can invent names.</summary>
    private static string KeyOf(Candidate candidate) =>
        $"{candidate.Host.Id} {candidate.Offer?.Id} {candidate.OwnKey?.Id}";

    private static double Mean(double? sofar, double value) =>
        sofar is { } mean ? mean + (Weight * (value - mean)) : value;

    private sealed class Record
    {
        public int Failures { get; set; }

        public int Rests { get; set; }

        public int Answers { get; set; }

        public DateTimeOffset RestsUntil { get; set; }

        public DateTimeOffset ProbeEndsAt { get; set; }

        public double? LatencyMs { get; set; }

        public double? Throughput { get; set; }
    }
}
