using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Haq.Engine.Reporting.Matrix;

/// <summary>Many manifests for many targets at one look. Equal results give equal bytes, whatever the order in which they were built.</summary>
public sealed record MatrixReport
{
    /// <summary>The version of the JSON form that this engine writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the JSON form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The engine's version.</summary>
    public required string Engine { get; init; }

    /// <summary>By manifest, then by target.</summary>
    public required ImmutableArray<MatrixCellFacts> Cells { get; init; }

    /// <summary>The manifests, in order.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Manifests => [.. Cells.Select(c => c.Manifest).Distinct(StringComparer.Ordinal)];

    /// <summary>The targets, in order; that of a manifest that could not be read is unknown.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Targets => [.. Cells.Where(c => c.Target.Length > 0).Select(c => c.Target).Distinct(StringComparer.Ordinal)];

    /// <summary>For example <c>298 of 300 built, 1 broken, 1 failed</c>.</summary>
    [JsonIgnore]
    public string Sentence
    {
        get
        {
            var parts = new List<string> { $"{Figure.Count(Cells.Count(c => c.IsBuilt))} of {Figure.Count(Cells.Length)} built" };
            foreach (string state in (string[])[MatrixStates.GateBroken, MatrixStates.Failed, MatrixStates.Interrupted, MatrixStates.NotStarted])
            {
                int count = Cells.Count(c => c.State == state);
                if (count > 0) parts.Add($"{Figure.Count(count)} {(state == MatrixStates.GateBroken ? "with a broken gate" : MatrixStates.Words(state))}");
            }
            return string.Join(", ", parts);
        }
    }
}
