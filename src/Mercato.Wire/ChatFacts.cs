using System.Security.Cryptography;
using System.Text;

namespace Mercato.Wire;

/// <summary>What admission needs, told from a request in neutral form: for client dialects that read it at once.</summary>
internal static class ChatFacts
{
    private const int HashedChars = 16 * 1024;

    /// <summary>Facts of a request, or the refusal of a member of the extension list.</summary>
    /// <param name="chat">The request.</param>
    /// <param name="members">Its body's top-level members.</param>
    /// <param name="wantsUsage">Whether the caller wants usage in a stream.</param>
    /// <param name="ownNames">Members of the extension list that are this dialect's own, and stay.</param>
    public static RequestReading Of(
        ChatRequest chat, JsonMembers members, bool wantsUsage, params ReadOnlySpan<string> ownNames)
    {
        RequestRefusal? refusal = null;
        var models = RequestWishes.ReadModels(members, ref refusal);
        var provider = RequestWishes.ReadProvider(members, ref refusal);
        var model = RequestWishes.ReadText(members, "model", ref refusal);
        var session = RequestWishes.ReadText(members, "session_id", ref refusal);
        var tier = RequestWishes.ReadText(members, "service_tier", ref refusal);
        if (refusal is null && string.IsNullOrEmpty(model) && models.Count == 0)
        {
            refusal = new RequestRefusal("'model' is missing.", "model", "missing_required_parameter");
        }

        if (refusal is not null)
        {
            return new(null, refusal);
        }

        var extensions = new List<string>();
        foreach (var name in RequestWishes.Names)
        {
            if (members.Find(name) is not null && !ownNames.Contains(name))
            {
                extensions.Add(name);
            }
        }

        return new(new RequestFacts
        {
            Members = members,
            Chat = chat,
            Model = string.IsNullOrEmpty(model) ? null : model,
            Models = models,
            IsStream = chat.IsStream,
            WantsUsage = chat.IsStream && wantsUsage,
            OutputLimit = chat.OutputLimit,
            Choices = chat.Choices,
            Input = Measure(chat, members.Document.Length),
            Tools = chat.Tools.Count,
            ServerTools = [.. chat.Tools.OfType<OpaqueTool>().Select(tool => tool.Type).Where(PaidTools.IsPaid).Distinct()],
            CostMembers = tier is null or "auto" or "default" or "flex" or "standard_only" ? [] : ["service_tier"],
            ServiceTier = tier,
            Stickiness = session ?? chat.CacheKey ?? HashOpening(chat),
            Provider = provider,
            Extensions = extensions,
        }, null);
    }

    private static InputSize Measure(ChatRequest chat, int bodyBytes)
    {
        var meter = new InputMeter();
        foreach (var message in chat.Messages)
        {
            meter.Messages++;
            Add(meter, message.Parts);
        }

        return meter.ToSize(bodyBytes);
    }

    private static void Add(InputMeter meter, IReadOnlyList<ChatPart> parts)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case ImagePart { Source: InlineMedia media }:
                    meter.AddImage(Encoding.UTF8.GetBytes($"data:{media.MediaType};base64,{media.Base64}"));
                    break;
                case ImagePart:
                    meter.AddImage(default);
                    break;
                case AudioPart { Source: InlineMedia media }:
                    meter.AddAudio(Encoding.UTF8.GetBytes(media.Base64));
                    break;
                case FilePart { Source: InlineMedia media }:
                    meter.AddFile(Encoding.UTF8.GetBytes(media.Base64));
                    break;
                case FilePart { Source: RemoteMedia or HostedMedia }:
                    meter.AddRemoteFile();
                    break;
                case ToolResultPart result:
                    Add(meter, result.Parts);
                    break;
            }
        }
    }

    /// <summary>System messages and the first user message say which conversation this is.</summary>
    private static string HashOpening(ChatRequest chat)
    {
        var opening = new StringBuilder();
        foreach (var message in chat.Messages)
        {
            var text = string.Concat(message.Parts.OfType<TextPart>().Select(part => part.Text));
            opening.Append(text.AsSpan(0, Math.Min(text.Length, HashedChars - opening.Length)));
            if (message.Role == ChatRole.User || opening.Length >= HashedChars)
            {
                break;
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(opening.ToString())));
    }
}
