using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Manifest.Keys;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>HAQ's model-size mode, <c>quantization: {weights: kmeans}</c>: what it cannot go with, and what reports have to say about it.</summary>
internal static class SharedWeights
{
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
        if (manifest.Objective is SearchObjective.Latency or SearchObjective.Energy)
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
}
