using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>A caller's body: read, edited for a host of its dialect, written for hosts of all dialects.</summary>
public static class RequestTarget
{
    private static readonly HostQuirks[] Quirks =
    [
        new(),
        new("max_completion_tokens", AcceptsReasoningEffort: true, HasNineCharCallIds: true, NeedsReplyToTools: true,
            WantsThoughtsBack: true, AcceptsDeveloperRole: true, AcceptsCustomTools: true, AcceptsTopK: true,
            AcceptsVerbosity: true, AcceptsCacheKey: true, RefusedMembers: ["seed", "user"]),
        new(AcceptsStreamOptions: false, AcceptsTextParts: false, AcceptsJsonSchema: false, AcceptsFullSchema: false,
            AcceptsSchemaWithTools: false, SeedName: "random_seed", RequiredChoice: "any"),
    ];

    private static readonly ModelTraits[] Traits = [new(), new(true, false, true), new(false, true, false)];

    /// <summary>Reads and writes; refusals are fine.</summary>
    public static void Run(IClientDialect caller, byte[] body)
    {
        var reading = caller.ReadRequest(body);
        WellFormed.Expect((reading.Facts is null) != (reading.Refusal is null), "Neither facts nor a refusal, or both.");
        if (reading.Facts is not { } facts)
        {
            return;
        }

        foreach (var quirks in Quirks)
        {
            foreach (var isCatalog in new[] { true, false })
            {
                var edits = new RequestEdits("its-model", quirks, isCatalog ? 50 : null, isCatalog, Hosts.Id, isCatalog);
                var edited = WellFormed.Json(caller.EditRequest(facts, edits).Body, "The edited request");
                WellFormed.Expect(edited.GetRawText().Contains("\"its-model\"", StringComparison.Ordinal), "The model was not set.");
            }
        }

        var chat = caller.ReadChat(facts);
        WellFormed.Expect((chat.Chat is null) != (chat.Refusal is null), "Neither a chat nor a refusal, or both.");
        if (chat.Chat is { } found)
        {
            Write(found);
            Write(ReasoningTrail.Restore(found, id => [new ReasoningPart("found", new Seal(Hosts.Id, id))]));
        }
    }

    private static void Write(ChatRequest chat)
    {
        foreach (var host in Hosts.All)
        {
            for (var index = 0; index < Quirks.Length; index++)
            {
                var target = new HostTarget(
                    Hosts.Id, Model(host.Dialect, index), Quirks[index], 8_000, index == 1 ? 100 : null, Traits[index]);
                WellFormed.Json(host.WriteRequest(chat, target).Body, $"The request for {host.Dialect}");
            }
        }
    }

    /// <summary>Names that make the writers take their different ways.</summary>
    private static string Model(Dialect dialect, int index) => (dialect, index) switch
    {
        (Dialect.Anthropic, 0) => "claude-sonnet-4-5",
        (Dialect.Anthropic, 1) => "claude-opus-4-7",
        (Dialect.Gemini, 0) => "gemini-2.5-flash",
        (Dialect.Gemini, 1) => "gemini-3-pro",
        (_, 0) => "gpt-5-mini",
        _ => "large",
    };
}
