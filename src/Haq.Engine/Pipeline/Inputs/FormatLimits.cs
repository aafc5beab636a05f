using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>What the formats of exported models cannot say.</summary>
internal static class FormatLimits
{
    /// <exception cref="HaqException">The manifest asks for what the target has no form for (HAQ0011).</exception>
    public static void Check(HaqManifest manifest, DialectProfile dialect, SourceLocation at)
    {
        string? what = manifest.Format == ExportFormat.Qonnx ? "'format: qonnx'" : SharedWeights.IsAsked(manifest) ? "'quantization: {weights: kmeans}'"
            : manifest.Quantization.Block > 0 ? "'quantization: {block: …}'" : null;
        if (what is not null) throw DiagnosticCatalog.SettingsConflict.Error(at, $"target '{dialect.Name}' takes QDQ files with a scale a channel or tensor, and {what} is something else. Leave one of the two out.");
    }

    /// <exception cref="HaqException">The manifest asks for both (HAQ0011).</exception>
    public static void Check(HaqManifest manifest)
    {
        if (manifest.Quantization.Block > 0 && SharedWeights.IsAsked(manifest))
        {
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.File,
                "'quantization: {weights: kmeans}' has no scales that blocks of weights could share. Leave out 'block', or use 'weights: linear'.");
        }

        if (manifest.Quantization.Junctions == JunctionMode.Integer && SharedWeights.IsAsked(manifest))
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.File, "with 'quantization: {weights: kmeans}' activations stay in floating point. Leave out 'junctions', or use 'weights: linear'.");
        if (manifest.Budget.FileSize is { } file && (manifest.Format == ExportFormat.Qonnx || SharedWeights.IsAsked(manifest)))
            throw DiagnosticCatalog.SettingsConflict.Error(file.At, "'file-size' bounds a file that stores integers, and this one stores the rounded weights as real numbers. Leave it out, use 'size' for what the target stores, or 'format: qdq' with 'weights: linear'.");
        if (manifest.Format != ExportFormat.Qonnx) return;
        if (SharedWeights.IsAsked(manifest))
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.File, "QONNX has no codebooks, which 'quantization: {weights: kmeans}' needs. Use 'format: qdq', or 'weights: linear'.");
        if (manifest.Quantization.Block > 0)
        {
            throw DiagnosticCatalog.SettingsConflict.Error(manifest.File,
                "QONNX has no scales for blocks of weights, which 'quantization: {block: …}' asks for. Use 'format: qdq', or leave out 'block'.");
        }
    }
}
