using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>What kept a cell from being built, in words for people.</summary>
internal static class CellFailure
{
    /// <summary>An error first.</summary>
    public static IReadOnlyList<Diagnostic> Of(Exception caught, string manifest)
    {
        var at = new SourceLocation(manifest);
        return caught switch
        {
            HaqException known => known.Diagnostics,
            IOException or UnauthorizedAccessException =>
            [
                DiagnosticCatalog.InputOutput.At(at, $"reading or writing failed: {caught.Message.TrimEnd('.')}. Check the disk and permissions, and run again."),
            ],
            _ => [DiagnosticCatalog.EngineDefect.At(at, $"the engine failed where it should not: {caught.GetType().Name}: {caught.Message} Please report it with the trace that is printed.")],
        };
    }
}
