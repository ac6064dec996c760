namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>A call that is being written, and whether its input is whole already.</summary>
internal sealed class OpenCall(int index, bool isCustom)
{
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;
    private bool _hasValue;

    /// <summary>The call's place among the answer's calls.</summary>
    public int Index => index;

    /// <summary>Whether the input is free text, whose end can't be seen.</summary>
    public bool IsCustom => isCustom;

    /// <summary>Whether any input came.</summary>
    public bool HasInput { get; private set; }

    /// <summary>Whether the brackets that were opened have closed.</summary>
    public bool IsWhole => isCustom || (_hasValue && _depth == 0 && !_isInText);

    /// <summary>Follows a piece of the input.</summary>
    public void Take(string piece)
    {
        HasInput = true;
        if (isCustom)
        {
            return;
        }

        foreach (var sign in piece)
        {
            if (_isEscaped)
            {
                _isEscaped = false;
            }
            else if (_isInText)
            {
                _isEscaped = sign == '\\';
                _isInText = sign != '"';
            }
            else
            {
                _hasValue |= !char.IsWhiteSpace(sign);
                _isInText = sign == '"';
                _depth += sign is '{' or '[' ? 1 : sign is '}' or ']' ? -1 : 0;
            }
        }
    }
}
