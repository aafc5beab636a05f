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
        // What is no number at all is the parser's to say.
        Validators = { result => { if (int.TryParse(result.Tokens.LastOrDefault()?.Value, out int jobs) && jobs < 1) result.AddError($"--jobs is {jobs}. Expected a number from 1."); } },
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
    /// <exception cref="HaqException">There is no such manifest (HAQ0006), a pattern matches none (HAQ0023), or no target is named (HAQ0201).</exception>
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
    private static string[] Targets(string? hardware)
    {
        if (hardware is null) return [];
        if (File.Exists(hardware)) return [hardware];
        string[] named = [.. hardware.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
        if (named.Length > 0) return named;
        throw DiagnosticCatalog.UnknownHardware.Error((SourceLocation?)null, $"--hardware is '{hardware}', which names none. Name built-in targets (haq hardware list) or hardware files, with commas between.");
    }
}
