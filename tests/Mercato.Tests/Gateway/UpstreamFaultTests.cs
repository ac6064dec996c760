namespace Mercato.Tests.Gateway;

/// <summary>
/// What a caller sees and pays when a provider misbehaves. Prices are $1 and $2 per million tokens, so the healthy
/// answer of 20 and 10 tokens costs $0.00004, and the hold of a call with max_tokens 50 is more.
/// </summary>
public abstract class UpstreamFaultTests(GatewayApp app)
{
    private const decimal Whole = 0.00004m;

    /// <summary>Script, the caller's status and code.</summary>
    public static TheoryData<string, int, string> BeforeTheAnswer => new()
    {
        { "refuse", 502, "provider_stream_broken" },
        { "reset=0", 502, "provider_stream_broken" },
        { "garbage", 502, "provider_stream_broken" },
        { "big-header=100000", 502, "provider_stream_broken" },
        { "hang", 504, "provider_timeout" },
        { "hang-after-headers", 504, "provider_timeout" },
        { "html", 502, "provider_answer_invalid" },
        { "error200", 502, "provider_error" },
        { "redirect=http://127.0.0.1:1/v1", 502, "provider_answer_invalid" },
        { "status=400", 400, "scripted_error" },
        { "status=401", 502, "provider_credential_rejected" },
        { "status=402", 502, "provider_out_of_funds" },
        { "status=403", 502, "provider_credential_rejected" },
        { "status=404", 404, "model_not_found" },
        { "status=408", 504, "provider_timeout" },
        { "status=413", 413, "request_too_large" },
        { "status=429", 429, "provider_rate_limited" },
        { "status=429;retry-after=7", 429, "provider_rate_limited" },
        { "status=429;retry-after=-5", 429, "provider_rate_limited" },
        { "status=429;retry-after=1000000000", 429, "provider_rate_limited" },
        { "status=429;retry-after=date", 429, "provider_rate_limited" },
        { "status=500", 502, "provider_error" },
        { "status=503", 503, "provider_overloaded" },
        { "status=504", 504, "provider_timeout" },
        { "status=529", 503, "provider_overloaded" },
    };

    /// <summary>Script, code of the error in the stream, and whether what had come by then is paid.</summary>
    public static TheoryData<string, string, bool> InTheMiddle => new()
    {
        { "stall=4", "provider_timeout", true },
        { "reset=4", "provider_stream_broken", true },
        { "close=4", "provider_stream_broken", true },
        { "cut=4", "provider_stream_broken", true },
        { "half=4", "provider_answer_invalid", true },
        { "error-event=4", "provider_error", false },
    };

    public static TheoryData<string> HarmlessOddities =>
    [
        "no-done", "two-done", "after-done", "comments", "usage-twice", "crlf", "cr", "bom", "drip", "wide;split-utf8",
        "usage-in-finish", "usage-always", "wrong-model", "same-id", "bigline=200000", "slow-first=300",
        "bad-usage=whole-float;out=12",
        // PostgreSQL keeps no NUL in text.
        "nul",
    ];

    /// <summary>Script, settlement reason, source of the figures, and whether the bill is 0, the whole hold or less.</summary>
    public static TheoryData<string, string, string?, string> Claims => new()
    {
        { "no-usage", "complete", "counted", "less" },
        { "zero-usage", "complete", "provider", "zero" },
        { "bad-usage=empty", "complete", "counted", "less" },
        { "bad-usage=absent", "complete", "counted", "less" },
        { "bad-usage=negative", "usage_not_believed", "provider", "hold" },
        { "bad-usage=float", "usage_not_believed", "provider", "hold" },
        { "bad-usage=string", "usage_not_believed", "provider", "hold" },
        { "bad-usage=huge", "usage_not_believed", "provider", "hold" },
        { "bad-usage=infinite", "usage_not_believed", "provider", "hold" },
        { "bad-usage=list", "usage_not_believed", "provider", "hold" },
        { "bad-usage=above", "above_bound", "provider", "hold" },
        { "bad-usage=cached-above", "above_bound", "provider", "hold" },
    };

    [Theory]
    [MemberData(nameof(BeforeTheAnswer))]
    public async Task FailureBeforeTheAnswer_DocumentedErrorAndNoCost(string script, int status, string code)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script, stream);

            reply.Failed(status, code);
            await CostsNothingAsync(reply);
        }
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("gzip")]
    [InlineData("bad-gzip")]
    [InlineData("long-length")]
    [InlineData("short-length")]
    [InlineData("half=1")]
    [InlineData("close=1")]
    public async Task BrokenWholeAnswer_BadGatewayAndNoCost(string script)
    {
        if (script == "bad-gzip")
        {
            // The text itself is sound; only a header says otherwise.
            (await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script)).Status.ShouldBeOneOf(200, 502);
            return;
        }

        var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script);

        reply.Status.ShouldBe(502, reply.Text);
        reply.Failed(502, reply.Body.GetProperty("error").Text("code")!);
        await CostsNothingAsync(reply);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("gzip")]
    [InlineData("cut=0")]
    public async Task StreamWithoutAnEvent_BadGatewayAndNoCost(string script)
    {
        var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script, stream: true);

        reply.Status.ShouldBe(502, reply.Text);
        await CostsNothingAsync(reply);
    }

    [Theory]
    [MemberData(nameof(InTheMiddle))]
    public async Task FailureInMidStream_ErrorEventAndWhatHadComeIsPaid(string script, string code, bool isPaid)
    {
        var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=100;events=20;" + script, stream: true,
            new { max_tokens = 100 });

        reply.FailedInBand(code);
        var generation = await app.Customer.GenerationAsync(reply);
        var cost = generation.Dollars("total_cost");
        generation.Text("settlement_reason").ShouldBe(isPaid ? "upstream_broke_off" : "error_finish");
        generation.Text("settlement").ShouldBe(isPaid ? "settled" : "void");
        (cost > 0).ShouldBe(isPaid);
        cost.ShouldBeLessThan(0.00022m);
        if (isPaid)
        {
            generation.Text("usage_source").ShouldBe("counted");
        }

        LineItems.ShouldSumToCost(generation);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [MemberData(nameof(HarmlessOddities))]
    public async Task OddButWholeStream_WholeAnswerAtItsPrice(string script)
    {
        var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script, stream: true,
            new { stream_options = new { include_usage = true } });

        reply.Succeeded();
        var generation = await app.Customer.GenerationAsync(reply);
        generation.Text("settlement_reason").ShouldBe("complete");
        generation.Text("usage_source").ShouldBe("provider");
        var expected = script.EndsWith("out=12", StringComparison.Ordinal) ? Whole + 0.000004m : Whole;
        generation.Dollars("total_cost").ShouldBe(expected);
        reply.Usage.Dollars("cost").ShouldBe(expected);
        LineItems.ShouldSumToCost(generation);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task OddUsage_BilledByTheRule(string script, string reason, string? source, string bill)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var before = await app.Customer.BalanceAsync();
            var reply = await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10;" + script, stream, prefix: "/api/v1");

            reply.Succeeded();
            var generation = await app.Customer.GenerationAsync(reply);
            generation.Text("settlement_reason").ShouldBe(reason);
            generation.Text("usage_source").ShouldBe(source);
            var cost = generation.Dollars("total_cost");
            (before - await app.Customer.BalanceAsync()).ShouldBe(cost);
            reply.Usage.Dollars("cost").ShouldBe(cost);
            switch (bill)
            {
                case "zero":
                    cost.ShouldBe(0);
                    break;
                case "hold":
                    cost.ShouldBeGreaterThan(Whole);
                    cost.ShouldBeLessThan(0.001m);
                    break;
                default:
                    cost.ShouldBeGreaterThan(0);
                    cost.ShouldBeLessThanOrEqualTo(Whole * 3);
                    break;
            }

            LineItems.ShouldSumToCost(generation);
            await app.NoCallIsOpenAsync();
        }
    }

    /// <summary>What cannot be believed is charged up to the hold, but only to somebody who got something.</summary>
    [Theory]
    [InlineData("negative")]
    [InlineData("huge")]
    [InlineData("list")]
    [InlineData("empty")]
    public async Task OddUsageWithoutOutput_CostsNothing(string kind)
    {
        foreach (var stream in (bool[])[false, true])
        {
            await CostsNothingAsync(
                await app.Customer.ChatAsync($"lab/fake-ok;in=20;out=0;bad-usage={kind}", stream));
        }
    }

    [Fact]
    public async Task NulInTheModelsName_NotFound() =>
        (await app.Customer.ChatAsync("lab/fake-ok;in=20;\0")).Failed(404, "model_not_found");

    [Fact]
    public async Task NobodyListens_UnreachableAndNoCost()
    {
        var port = Ports.Free();
        await app.AddProviderAsync("down", new Uri($"http://127.0.0.1:{port}/v1"));

        var reply = await app.Customer.ChatAsync("down/anything");

        reply.Failed(502, "provider_unreachable");
        await CostsNothingAsync(reply);
    }

    [Fact]
    public async Task KeyRejectedByProvider_SecretStaysOutOfTheError()
    {
        var reply = await app.Customer.ChatAsync("lab/fake-ok;status=401");

        reply.Text.ShouldNotContain("sk-operator");
        reply.Failed(502, "provider_credential_rejected");
    }

    private async Task CostsNothingAsync(Reply reply)
    {
        var generation = await app.Customer.GenerationAsync(reply);
        generation.Dollars("total_cost").ShouldBe(0);
        generation.Text("settlement").ShouldBe("void");
        generation.Text("settlement_reason").ShouldBeOneOf("no_output", "error_finish");
        generation.GetProperty("attempts").GetArrayLength().ShouldBe(1);
        await app.NoCallIsOpenAsync();
    }
}

public sealed class UpstreamFaultsOnSqlite(SqliteGateway app) : UpstreamFaultTests(app), IClassFixture<SqliteGateway>;

public sealed class UpstreamFaultsOnPostgres(PostgresGateway app)
    : UpstreamFaultTests(app), IClassFixture<PostgresGateway>;
