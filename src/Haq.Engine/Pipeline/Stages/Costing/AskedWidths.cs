using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <summary>Holds the widths that a manifest writes against those that the hardware has.</summary>
internal static class AskedWidths
{
    /// <exception cref="HaqException">The manifest asks for a width that no pair of the hardware's holds (HAQ0608).</exception>
    public static void Check(PriceInputs asked, HardwareTarget target)
    {
        var location = asked.Bits.At ?? asked.Manifest;
        Check(target, "weights", asked.Bits.Weights, location, w => Holds(target, w, isWeights: true));
        Check(target, "activations", asked.Bits.Activations, location, a => Holds(target, a, isWeights: false));
        foreach (var layer in asked.Layers)
        {
            if (layer.Weights is { } weights) Check(target, "weights", weights, layer.At, w => Holds(target, w, isWeights: true));
            if (layer.Activations is { } activations) Check(target, "activations", activations, layer.At, a => Holds(target, a, isWeights: false));
        }
    }

    private static void Check(HardwareTarget target, string what, ImmutableArray<Bitwidth> asked, SourceLocation at, Func<Bitwidth, bool> holds)
    {
        foreach (var width in asked)
        {
            // Widths of up to 8 bits come in ranges, which are intersected with what there is.
            if (width <= Bitwidth.Eight || holds(width)) continue;
            throw DiagnosticCatalog.WidthNotSupported.Error(at,
                $"{target.Name} has no {what} of {(width.IsFloat ? "floating point" : $"{width} bits")}: it computes with {target.Bits}. Leave {WidthText.Of(width)} out of '{what}', or choose hardware that has it.");
        }
    }

    // Floating-point weights stand for a layer in floating point throughout.
    private static bool Holds(HardwareTarget target, Bitwidth width, bool isWeights) => target.Bits.Pairs.Any(p => isWeights
        ? width.IsFloat ? p == LayerBits.Float : p.Weights >= width && (!p.Weights.IsFloat || p.Activations.IsFloat)
        : width.IsFloat ? p.Activations.IsFloat : p.Activations >= width && !p.Activations.IsFloat);
}
