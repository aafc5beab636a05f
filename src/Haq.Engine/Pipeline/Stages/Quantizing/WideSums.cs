using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Quantizing;

/// <summary>Layers whose sums or biases 32 bits may not hold.</summary>
internal static class WideSums
{
    /// <summary>A warning for each of them.</summary>
    public static IEnumerable<Diagnostic> Of(QuantizedModel quantized)
    {
        var at = new SourceLocation(quantized.Model.Name);
        foreach (var layer in quantized.Layers)
        {
            if (AccumulatorWidth.Of(layer) is not { } bits) continue;
            long products = layer.Found.Layer.Shape.Weights / layer.Found.Layer.Shape.Out;
            if (bits > AccumulatorWidth.Usual)
            {
                yield return DiagnosticCatalog.AccumulatorOverflow.At(at, string.Create(CultureInfo.InvariantCulture,
                    $"'{layer.Found.Name}' needs {bits} bits for its sums: {products} products of {layer.Bits.Weights}-bit weights and {layer.Bits.Activations}-bit inputs. Give it fewer bits under 'layers:', or make sure that the target accumulates in more than {AccumulatorWidth.Usual}."));
            }

            if (layer.Bias is { Integers: null })
            {
                yield return DiagnosticCatalog.BiasNotInteger.At(at, string.Create(CultureInfo.InvariantCulture,
                    $"the bias of '{layer.Found.Name}' does not fit 32-bit integers in units of input scale times weight scale ({layer.Activation!.Value.Scale * layer.Weights!.Scales.Min():G2}); it stays in floating point. Give the layer fewer bits."));
            }
        }
    }
}
