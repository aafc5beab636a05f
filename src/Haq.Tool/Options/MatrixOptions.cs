using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Tool.Matrix;

namespace Haq.Tool.Options;

/// <summary>What a command takes that builds many manifests for many targets.</summary>
internal sealed class MatrixOptions
{
    private readonly Option<int?> _jobs = new("--jobs", "-j")
    {
        Description = "Of a matrix: cells at a time. Default: what cores and memory allow.", HelpName = "N",
        Validators = { result => { if (result.GetValueOrDefault<int?>() is < 1) result.AddError("--jobs needs a number from 1."); } },
    };

    private readonly Option<bool> _failFast = new("--fail-fast") { Description = "Of a matrix: stop at the first cell that fails or breaks its gate." };

    private readonly Option<string?> _summary = new("--summary")
    {
        Description = "Where the matrix's summary goes (matrix.html, .md, .json), also of a single cell. Default: the folder of --output, else the one that the manifests have in common.", HelpName = "DIR",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Show warnings and errors alone." };

    public MatrixOptions AddTo(Command command)
    {
        command.Options.Add(_jobs);
        command.Options.Add(_failFast);
        command.Options.Add(_summary);
        command.Options.Add(_quiet);
        return this;
    }

    /// <summary>What is asked for: one manifest as ever, or a matrix.</summary>
    /// <exception cref="HaqException">There is no such manifest (HAQ0006), or a pattern matches none (HAQ0023).</exception>
    public MatrixRequest Read(ParseResult parsed, string[]? manifests, string? hardware)
    {
        bool hasPattern = manifests?.Any(ManifestPatterns.IsPattern) == true;
        string[] files = ManifestPatterns.Expand(manifests ?? []);
        string[] targets = Targets(hardware);
        return new MatrixRequest(files, targets, hasPattern || files.Length > 1 || targets.Length > 1 || parsed.GetValue(_summary) is not null)
        {
            Jobs = parsed.GetValue(_jobs), FailFast = parsed.GetValue(_failFast), Summary = parsed.GetValue(_summary), IsQuiet = parsed.GetValue(_quiet),
        };
    }

    // A file may have commas in its name.
    private static string[] Targets(string? hardware) =>
        hardware is null ? [] : File.Exists(hardware) ? [hardware] : [.. hardware.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
}
