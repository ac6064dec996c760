using System.Diagnostics;
using System.Text;
using Mercato.Fake;

namespace Mercato.Tests.Gateway;

/// <summary>A healthy, slow stream that runs again and again beside others, and notes how it fares.</summary>
internal sealed class ControlStream(Customer customer, string dialect)
{
    public const int Words = 40;

    private const string Path = "/v1/chat/completions";

    private readonly List<TimeSpan> _gaps = [];

    /// <summary>Streams that came whole.</summary>
    public int Count { get; private set; }

    /// <summary>What went wrong with those that did not.</summary>
    public List<string> Flaws { get; } = [];

    /// <summary>The time between two reads of an answer that all but one in a hundred keep.</summary>
    public TimeSpan LongestUsualGap => _gaps.Count == 0 ? default : _gaps.Order().ElementAt((_gaps.Count - 1) * 99 / 100);

    /// <summary>Streams until told to stop; the last stream runs to its end.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        do
        {
            await StreamAsync(cancellationToken);
        }
        while (!stop.IsCancellationRequested);
    }

    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        var model = FaultApp.CalmModelOn(dialect, $"fake-ok;in=20;out={Words};events=20;pace=50");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path);
        request.Content = new StringContent(
            CallerFace.Chat.Ask(model, stream: true), Encoding.UTF8, "application/json");
        using var answer = await customer.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[8192];
        using var whole = new MemoryStream();
        var last = Stopwatch.GetTimestamp();
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            _gaps.Add(Stopwatch.GetElapsedTime(last));
            last = Stopwatch.GetTimestamp();
            whole.Write(buffer, 0, count);
        }

        Judge(new Reply((int)answer.StatusCode, answer.Headers, answer.Content.Headers.ContentType?.MediaType,
            Encoding.UTF8.GetString(whole.ToArray())));
    }

    private void Judge(Reply reply)
    {
        var flaw = reply.Status != 200 || reply.Error is not null || !reply.IsDone ? "no whole answer"
            : CallerFace.Chat.FindFlaw(reply) ?? (WordsOf(reply) == Words ? null : $"{WordsOf(reply)} words");
        if (flaw is null)
        {
            Count++;
        }
        else
        {
            Flaws.Add($"{flaw}: {reply.Text}");
        }
    }

    private static int WordsOf(Reply reply) => string.Concat(reply.Events
        .SelectMany(each => each.GetProperty("choices").EnumerateArray())
        .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var text) ? text.GetString() : ""))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
}
