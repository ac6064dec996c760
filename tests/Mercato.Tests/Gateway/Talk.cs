using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Tests.Gateway;

/// <summary>A conversation with tools, as a client of one dialect leads it: it sends back what it got.</summary>
internal sealed class Talk(string dialect, string model)
{
    private readonly JsonArray _turns = [Said("Find it out, please.")];

    public static IReadOnlyList<string> Dialects { get; } = ["openai-chat", "openai-responses", "anthropic"];

    public string Model { get; set; } = model;

    public Task<Reply> AskAsync(Customer customer) => Reply.PostAsync(customer.Client, dialect switch
    {
        "openai-chat" => "/v1/chat/completions",
        "openai-responses" => "/v1/responses",
        _ => "/v1/messages",
    }, Body().ToJsonString());

    /// <summary>Takes an answer into the conversation and asks on.</summary>
    public void TakeAnswer(JsonElement answer)
    {
        Take(answer, keepsReasoning: true);
        _turns.Add(Said("Go on."));
    }

    /// <summary>Takes an answer with calls into the conversation and answers them; returns how many there were.</summary>
    public int TakeCalls(JsonElement answer, bool keepsReasoning)
    {
        Take(answer, keepsReasoning);
        var ids = CallsIn(answer);
        foreach (var id in dialect == "anthropic" ? [] : ids)
        {
            _turns.Add(dialect == "openai-chat"
                ? new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = "Sunny." }
                : new JsonObject { ["type"] = "function_call_output", ["call_id"] = id, ["output"] = "Sunny." });
        }

        if (dialect == "anthropic")
        {
            _turns.Add(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray([.. ids.Select(id => new JsonObject
                {
                    ["type"] = "tool_result",
                    ["tool_use_id"] = id,
                    ["content"] = "Sunny.",
                })]),
            });
        }

        return ids.Count;
    }

    private static JsonObject Said(string text) => new() { ["role"] = "user", ["content"] = text };

    private List<string> CallsIn(JsonElement answer) => dialect switch
    {
        "openai-chat" => [.. answer.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")
            .EnumerateArray().Select(call => call.GetProperty("id").GetString()!)],
        "openai-responses" => [.. answer.GetProperty("output").EnumerateArray()
            .Where(item => item.GetProperty("type").GetString() == "function_call")
            .Select(item => item.GetProperty("call_id").GetString()!)],
        _ => [.. answer.GetProperty("content").EnumerateArray()
            .Where(block => block.GetProperty("type").GetString() == "tool_use")
            .Select(block => block.GetProperty("id").GetString()!)],
    };

    private void Take(JsonElement answer, bool keepsReasoning)
    {
        if (dialect == "openai-responses")
        {
            foreach (var item in answer.GetProperty("output").EnumerateArray())
            {
                _turns.Add(JsonNode.Parse(item.GetRawText()));
            }

            return;
        }

        var message = dialect == "openai-chat"
            ? JsonNode.Parse(answer.GetProperty("choices")[0].GetProperty("message").GetRawText())!.AsObject()
            : new JsonObject { ["role"] = "assistant", ["content"] = JsonNode.Parse(answer.GetProperty("content").GetRawText()) };
        if (!keepsReasoning)
        {
            foreach (var name in (string[])["reasoning_details", "reasoning_content", "reasoning"])
            {
                message.Remove(name);
            }
        }

        _turns.Add(message);
    }

    private JsonObject Body()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["city"] = new JsonObject { ["type"] = "string" } },
        };
        var function = new JsonObject { ["name"] = "weather", ["description"] = "The weather.", ["parameters"] = schema.DeepClone() };
        return dialect switch
        {
            "openai-chat" => new JsonObject
            {
                ["model"] = Model,
                ["messages"] = _turns.DeepClone(),
                ["reasoning_effort"] = "high",
                ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = function }),
            },
            "openai-responses" => new JsonObject
            {
                ["model"] = Model,
                ["input"] = _turns.DeepClone(),
                ["store"] = false,
                ["include"] = new JsonArray("reasoning.encrypted_content"),
                ["reasoning"] = new JsonObject { ["effort"] = "high", ["summary"] = "auto" },
                ["tools"] = new JsonArray(new JsonObject
                {
                    ["type"] = "function",
                    ["name"] = "weather",
                    ["description"] = "The weather.",
                    ["parameters"] = schema.DeepClone(),
                }),
            },
            _ => new JsonObject
            {
                ["model"] = Model,
                ["max_tokens"] = 4000,
                ["messages"] = _turns.DeepClone(),
                ["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 2000 },
                ["tools"] = new JsonArray(new JsonObject
                {
                    ["name"] = "weather",
                    ["description"] = "The weather.",
                    ["input_schema"] = schema.DeepClone(),
                }),
            },
        };
    }
}
