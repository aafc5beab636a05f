namespace Haq.Engine.Diagnostics;

/// <summary>An error, or several, that the user can act on. Anything else that escapes is a bug in the engine.</summary>
public sealed class HaqException : Exception
{
    /// <summary>Carries <paramref name="diagnostic"/>; <paramref name="cause"/> is kept for the log, not shown.</summary>
    public HaqException(Diagnostic diagnostic, Exception? cause = null) : base(diagnostic.Message, cause) => Diagnostics = [diagnostic];

    /// <summary>Carries several, an error first.</summary>
    public HaqException(IReadOnlyList<Diagnostic> diagnostics) : base(diagnostics[0].Message) => Diagnostics = diagnostics;

    /// <summary>What to show first, and what decides the exit status.</summary>
    public Diagnostic Diagnostic => Diagnostics[0];

    /// <summary>All there is to show.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}
