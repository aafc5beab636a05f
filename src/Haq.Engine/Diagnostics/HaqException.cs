namespace Haq.Engine.Diagnostics;

/// <summary>An error that the user can act on. Anything else that escapes is a bug in the engine.</summary>
public sealed class HaqException : Exception
{
    /// <summary>Carries <paramref name="diagnostic"/>; <paramref name="cause"/> is kept for the log, not shown.</summary>
    public HaqException(Diagnostic diagnostic, Exception? cause = null) : base(diagnostic.Message, cause) => Diagnostic = diagnostic;

    /// <summary>What to show.</summary>
    public Diagnostic Diagnostic { get; }
}
