namespace Mercato;

/// <summary>
/// The server cannot start, for a reason that the operator can mend. The message says what to do; it is printed alone,
/// without a stack trace.
/// </summary>
public sealed class StartupException : Exception
{
    public StartupException(string message) : base(message)
    {
    }

    public StartupException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
