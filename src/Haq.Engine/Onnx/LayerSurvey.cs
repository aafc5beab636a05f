using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Onnx;

/// <summary>The layers of a model in execution order, and what was left out and why.</summary>
/// <param name="Model">The model's name, for errors.</param>
/// <param name="Layers">Layers that can be quantized; the position is <see cref="QuantizableLayer.Index"/>.</param>
/// <param name="Skipped">Compute nodes that cannot.</param>
/// <param name="Quantization">What the model is quantized with already.</param>
public sealed record LayerSurvey(string Model, ImmutableArray<FoundLayer> Layers, ImmutableArray<SkippedNode> Skipped, ExistingQuantization Quantization)
{
    /// <summary>Constant tables that rows are looked up in: their weights can be stored in 8 bits.</summary>
    public ImmutableArray<FoundTable> Tables { get; init; } = [];

    /// <summary>The layers without their places in the graph: what costs and searches need.</summary>
    public ImmutableArray<QuantizableLayer> Quantizable => [.. Layers.Select(l => l.Layer)];

    /// <summary>Multiply-accumulates per sample of all layers.</summary>
    public long Macs => Layers.Sum(l => l.Macs);

    /// <summary>This survey, where there is something to quantize.</summary>
    /// <exception cref="HaqException">There is nothing (HAQ0308), or all of it is quantized already (HAQ0312).</exception>
    public LayerSurvey RequireLayers()
    {
        if (Layers.Length > 0) return this;
        int quantized = Skipped.Count(s => s.IsQuantized);
        if (quantized > 0)
        {
            string layers = quantized == 1 ? "its layer" : $"all {quantized} layers";
            throw DiagnosticCatalog.AlreadyQuantized.Error(Model, $"is quantized already, in {layers} ({Quantization.Describe()}). Give the float model that it was made from.");
        }
        string reason = Skipped.Length switch
        {
            0 => "no node is a Conv, ConvTranspose, Gemm or MatMul",
            1 => $"{Skipped[0].Op} '{Skipped[0].Name}' {Skipped[0].Reason}",
            _ => $"{Skipped[0].Op} '{Skipped[0].Name}' {Skipped[0].Reason}, and {Skipped.Length - 1} more",
        };
        throw DiagnosticCatalog.NothingToQuantize.Error(Model, $"has no layer that can be quantized: {reason}. 'haq inspect' lists every node and the reason.");
    }
}
