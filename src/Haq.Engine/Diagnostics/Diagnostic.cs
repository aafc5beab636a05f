namespace Haq.Engine.Diagnostics;

/// <summary>One error or warning: what, where, why, and what to do next.</summary>
public sealed record Diagnostic(DiagnosticDescriptor Descriptor, SourceLocation? Location, string Message)
{
    /// <summary>MSBuild's canonical form, one line: <c>haq.yaml(9,12): error HAQ0021: message</c>.</summary>
    public override string ToString()
    {
        string origin = Location?.ToString() ?? "haq";
        string kind = Descriptor.IsWarning ? "warning" : "error";
        return $"{origin}: {kind} {Descriptor.Code}: {Message.ReplaceLineEndings(" ")}";
    }
}
