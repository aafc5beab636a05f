using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Manifest.Keys;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>HAQ's model-size mode, <c>quantization: {weights: kmeans}</c>: what it changes about choices and prices, and what it cannot go with.</summary>
internal static class SharedWeights
{
    private static readonly ImmutableArray<Bitwidth> s_float = [Bitwidth.Float];

    /// <summary>The manifest asks for it.</summary>
    public static bool IsAsked(HaqManifest manifest) => manifest.Quantization.Weights == WeightCoding.Kmeans;

    /// <exception cref="HaqException">It goes together with something that counts on integers (HAQ0011).</exception>
    public static void Check(HaqManifest manifest)
    {
        if (!IsAsked(manifest)) return;
        const string Why = "with 'quantization: {weights: kmeans}' weights are looked up as floating point and activations stay in it";
        const string Wide = "a codebook that k-means places has an entry per value: 16 bits would be 65,536 of them, more than most layers have weights.";
        if ((manifest.Budget.Latency ?? manifest.Budget.Energy) is { } limit)
            throw DiagnosticCatalog.SettingsConflict.Error(limit.At, $"{Why}, so that widths change the size alone. Limit 'size' in place of latency and energy.");
        if (manifest.Objective is Objective.Latency or Objective.Energy)
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.File, $"{Why}, so that widths change the size alone. Use 'objective: accuracy' or 'objective: size'.");
        if (!manifest.Bits.Activations.SequenceEqual(BitsKeys.All.Activations) && !manifest.Bits.Activations.SequenceEqual(manifest.Bits.Weights))
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.Bits.At ?? new SourceLocation(manifest.File), $"{Why}: 'activations' has no meaning there. Leave it out.");
        if (manifest.Bits.Weights.Any(w => w > Bitwidth.Eight))
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.Bits.At ?? new SourceLocation(manifest.File), $"{Wide} Use 2..8 for 'weights', or 'quantization: {{weights: linear}}'.");
        if (manifest.Layers.FirstOrDefault(l => l.Weights is { } widths && widths.Any(w => w > Bitwidth.Eight)) is { } wide)
            throw DiagnosticCatalog.SettingsConflict.Error(wide.At, $"{Wide} Use 2..8 for 'weights', or 'skip' to leave the layer in float.");
        if (manifest.Layers.FirstOrDefault(l => l.Activations is not null) is { } layer)
            throw DiagnosticCatalog.SettingsConflict.Error(layer.At, $"{Why}: 'activations' has no meaning there. Leave it out.");
    }

    /// <summary>What reports have to say about its prices.</summary>
    public static ImmutableArray<string> Assumptions(HaqManifest manifest) => !IsAsked(manifest) ? [] :
        ["Weights share a codebook per layer and are computed in floating point, for which the target has no figure: latency and energy are those of its widest integers, whatever the widths. Sizes count indices and codebooks."];

    /// <summary>The prices that this mode has.</summary>
    public static CostTable Price(HaqManifest manifest, CostTable costs) => IsAsked(manifest) ? costs.WithCodebooks() : costs;

    /// <summary>A builder of the choices that the manifest leaves, within these widths.</summary>
    public static SearchSpaceBuilder Choices(
        HaqManifest manifest, HardwareTarget target, CostTable costs, IReadOnlyList<QuantizableLayer> layers, ImmutableArray<Bitwidth> weights, ImmutableArray<Bitwidth> activations)
    {
        bool shared = IsAsked(manifest);
        return new SearchSpaceBuilder(layers, bits => shared ? bits.Activations == Bitwidth.Float && bits.Weights <= Bitwidth.Eight : target.Bits.RoundUp(bits) is not null && costs.Holds(bits))
        {
            Weights = weights,
            Activations = shared ? s_float : activations,
            Location = manifest.Bits.At ?? manifest.Hardware.At,
            Hardware = target.Bits.ToString(),
            SupportsTensor = width => width == Bitwidth.Eight || target.Bits.Activations.Contains(width),
            Rules = [.. manifest.Layers.Select(l => new LayerRule(l.Pattern, l.Weights, l.Activations, l.At) { Skip = l.Skip })],
        };
    }
}
