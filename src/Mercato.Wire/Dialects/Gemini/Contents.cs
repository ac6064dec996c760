using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>The conversation as <c>contents</c>: user and model in turn, neighbours merged, results of tools first in
/// the content behind their calls.</summary>
internal sealed class Contents
{
    /// <summary>What Google documents for calls that no Gemini made.</summary>
    private const string NoSignature = "skip_thought_signature_validator";

    private readonly List<Content> _contents = [];
    private readonly Dictionary<string, string> _names = [];
    private readonly HostTarget _target;
    private readonly GeminiModel _model;
    private readonly DroppedMembers _dropped;

    public Contents(ChatRequest chat, HostTarget target, GeminiModel model, DroppedMembers dropped)
    {
        (_target, _model, _dropped) = (target, model, dropped);
        var turns = new List<(bool IsModel, List<ChatPart> Parts)>();
        foreach (var message in chat.Messages.Where(message => message.Role is ChatRole.User or ChatRole.Assistant))
        {
            var isModel = message.Role == ChatRole.Assistant;
            if (turns.Count == 0 || turns[^1].IsModel != isModel)
            {
                turns.Add((isModel, []));
            }

            turns[^1].Parts.AddRange(message.Parts);
        }

        foreach (var (isModel, parts) in turns)
        {
            var content = new Content(isModel, []);
            if (isModel)
            {
                AddModelParts(parts, content.Parts);
            }
            else
            {
                AddUserParts(parts, content.Parts);
            }

            Add(content);
        }
    }

    private sealed record Content(bool IsModel, List<Action<Utf8JsonWriter>> Parts);

    public bool IsEmpty => _contents.Count == 0;

    public void AddUserTexts(IEnumerable<string> texts) => Add(new Content(false, [.. texts.Select(TextOf)]));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("contents");
        foreach (var content in _contents)
        {
            json.WriteStartObject();
            json.WriteString("role", content.IsModel ? "model" : "user");
            json.WriteStartArray("parts");
            foreach (var part in content.Parts)
            {
                json.WriteStartObject();
                part(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // A turn of nothing but foreign thoughts leaves no content, and then its neighbours become one.
    private void Add(Content content)
    {
        if (content.Parts.Count > 0 && _contents is [.., var last] && last.IsModel == content.IsModel)
        {
            last.Parts.AddRange(content.Parts);
        }
        else if (content.Parts.Count > 0)
        {
            _contents.Add(content);
        }
    }

    private void AddModelParts(List<ChatPart> parts, List<Action<Utf8JsonWriter>> output)
    {
        string? signature = null;
        var hasCall = false;
        for (var index = 0; index < parts.Count; index++)
        {
            switch (parts[index])
            {
                case ReasoningPart { Seal: { } seal } when seal.IsOf(_target.Provider):
                    AddSignature(ref signature, output);
                    signature = seal.Value;
                    break;
                case ReasoningPart or TextPart { Text: "" } or RefusalPart { Text: "" }:
                    break;
                case TextPart or RefusalPart:
                    var text = Turns.WordsOf(parts[index])!;
                    var own = hasCall || !HasUnsignedCall(parts, index) ? Take(ref signature) : null;
                    output.Add(json =>
                    {
                        json.WriteString("text", text);
                        json.WriteTextIfAny("thoughtSignature", own);
                    });
                    break;
                case ToolCallPart call:
                    _names[call.Id] = call.Name;
                    var excuse = _model.NeedsSignatures && !hasCall ? NoSignature : null;
                    AddCall(call, Take(ref signature) ?? excuse, output);
                    hasCall = true;
                    break;
                default:
                    AddMedia(parts[index], output);
                    break;
            }
        }

        AddSignature(ref signature, output);
    }

    // Callers of other dialects put what was sealed in front of everything; the first call can't do without.
    private bool HasUnsignedCall(List<ChatPart> parts, int index)
    {
        for (var next = index + 1; next < parts.Count; next++)
        {
            if (parts[next] is ReasoningPart { Seal: { } seal } && seal.IsOf(_target.Provider))
            {
                return false;
            }

            if (parts[next] is ToolCallPart)
            {
                return true;
            }
        }

        return false;
    }

    private static string? Take(ref string? signature)
    {
        var taken = signature;
        signature = null;
        return taken;
    }

    /// <summary>A signature whose part is gone goes back on an empty text.</summary>
    private static void AddSignature(ref string? signature, List<Action<Utf8JsonWriter>> output)
    {
        if (Take(ref signature) is { } alone)
        {
            output.Add(json =>
            {
                json.WriteString("text", "");
                json.WriteString("thoughtSignature", alone);
            });
        }
    }

    private static void AddCall(ToolCallPart call, string? signature, List<Action<Utf8JsonWriter>> output) =>
        output.Add(json =>
        {
            json.WriteStartObject("functionCall");
            WriteOwnId(json, call.Id);
            json.WriteString("name", call.Name);
            json.WriteRaw("args", call.ToObject());
            json.WriteEndObject();
            json.WriteTextIfAny("thoughtSignature", signature);
        });

    private void AddUserParts(List<ChatPart> parts, List<Action<Utf8JsonWriter>> output)
    {
        var media = new List<ChatPart>();
        foreach (var result in parts.OfType<ToolResultPart>())
        {
            AddResult(result, media, output);
        }

        foreach (var part in media.Concat(parts.Where(part => part is not ToolResultPart)))
        {
            AddMedia(part, output);
        }
    }

    // The result goes as one text, to the character: as an object its numbers would pass through doubles at Google.
    private void AddResult(ToolResultPart result, List<ChatPart> media, List<Action<Utf8JsonWriter>> output)
    {
        var text = Turns.TextOf(result.Parts);
        var others = result.Parts.Where(part => Turns.WordsOf(part) is null).ToList();
        if ((result.Name ?? _names.GetValueOrDefault(result.CallId)) is not { Length: > 0 } name)
        {
            // The answer to a call that isn't there would be refused.
            output.AddRange(text.Length > 0 ? [TextOf(text)] : []);
            media.AddRange(others);
            return;
        }

        var inside = _model.TakesMediaInResults ? others.Where(CanStandInside).ToList() : [];
        media.AddRange(others.Except(inside, ReferenceEqualityComparer.Instance).Cast<ChatPart>());
        output.Add(json =>
        {
            json.WriteStartObject("functionResponse");
            WriteOwnId(json, result.CallId);
            json.WriteString("name", name);
            json.WriteStartObject("response");
            json.WriteString("output", text);
            if (result.IsError)
            {
                json.WriteBoolean("is_error", true);
            }

            json.WriteEndObject();
            if (inside.Count > 0)
            {
                json.WriteStartArray("parts");
                foreach (var part in inside)
                {
                    json.WriteStartObject();
                    Media.Find(part)!(json);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    private static bool CanStandInside(ChatPart part) => part switch
    {
        ImagePart { Source: InlineMedia } => true,
        FilePart { Source: InlineMedia { MediaType: "application/pdf" or "text/plain" } } => true,
        _ => false,
    };

    private void AddMedia(ChatPart part, List<Action<Utf8JsonWriter>> output)
    {
        if (Turns.WordsOf(part) is { } text)
        {
            output.AddRange(text.Length > 0 ? [TextOf(text)] : []);
        }
        else if (Media.Find(part) is { } media)
        {
            output.Add(media);
        }
        else
        {
            _dropped.Add("messages");
        }
    }

    private static Action<Utf8JsonWriter> TextOf(string text) => json => json.WriteString("text", text);

    // Gemini's own ids are letters and digits; whatever else stands there was minted by us or by another host.
    private static void WriteOwnId(Utf8JsonWriter json, string id)
    {
        if (id.Length is > 0 and <= 64 && id.All(char.IsAsciiLetterOrDigit))
        {
            json.WriteString("id", id);
        }
    }
}
