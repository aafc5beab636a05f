using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Facts;

/// <summary>A warning that the build gave.</summary>
public sealed record WarningFacts
{
    /// <summary>For example <c>HAQ1201</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What was found and what to do.</summary>
    public required string Message { get; init; }

    /// <summary>File name; null where it is about no file.</summary>
    public string? File { get; init; }

    /// <summary>From 1; null where unknown.</summary>
    public int? Line { get; init; }

    /// <summary>From 1; null where unknown.</summary>
    public int? Column { get; init; }

    /// <summary>The diagnostic, with its file's folders left out.</summary>
    public static WarningFacts Of(Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        var at = diagnostic.Location;
        return new WarningFacts
        {
            Code = diagnostic.Descriptor.Code,
            Message = diagnostic.Message,
            File = at is { } place ? Path.GetFileName(place.File) : null,
            Line = at is { Line: > 0 } line ? line.Line : null,
            Column = at is { Line: > 0, Column: > 0 } column ? column.Column : null,
        };
    }
}
