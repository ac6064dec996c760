namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Ids of one answer's calls as callers see them: not too long, and no two alike.</summary>
internal sealed class UniqueIds
{
    private readonly HashSet<string> _given = [];

    public string Give(string id)
    {
        var fit = id.Length == 0 ? CallId.Mint() : CallId.Fit(id);
        if (!_given.Add(fit))
        {
            fit = CallId.Mint();
            _given.Add(fit);
        }

        return fit;
    }
}
