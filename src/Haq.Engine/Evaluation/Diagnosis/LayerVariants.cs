using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>
/// A network with the weights or inputs of some of its layers back in floating point. Each such variant has a policy for a name: a layer's own widths where it is as it was, 32 where it is
/// in floating point.
/// </summary>
/// <param name="whole">The network.</param>
internal sealed class LayerVariants(QuantizedModel whole)
{
    /// <summary>The network as it is.</summary>
    public Policy Whole => Of(_ => (false, false));

    /// <summary>One layer back in floating point. What reads the same tensor gets it as that layer does.</summary>
    public Policy Without(QuantizedLayer layer) => Of(l => IsSame(l, layer) ? (true, true) : (false, SharesInput(l, layer)));

    /// <summary>All in floating point but one layer. What reads the same tensor gets it as that layer does.</summary>
    public Policy Alone(QuantizedLayer layer) => Of(l => IsSame(l, layer) ? (false, false) : (true, !SharesInput(l, layer)));

    /// <summary>The variant that a policy names.</summary>
    public QuantizedModel Variant(Policy policy) => whole with { Layers = [.. whole.Layers.Select(l => InFloat(l, policy[l.Found.Layer.Index]))] };

    private static bool IsSame(QuantizedLayer one, QuantizedLayer other) => one.Found.Layer.Index == other.Found.Layer.Index;

    private static bool SharesInput(QuantizedLayer one, QuantizedLayer other) => one.Found.Input == other.Found.Input;

    private static QuantizedLayer InFloat(QuantizedLayer layer, LayerBits named)
    {
        bool weights = named.Weights.IsFloat, activation = named.Activations.IsFloat;
        return layer with { Weights = weights ? null : layer.Weights, Bias = weights ? null : layer.Bias, Activation = activation ? null : layer.Activation };
    }

    // A layer that is in floating point already keeps what it has.
    private Policy Of(Func<QuantizedLayer, (bool Weights, bool Activation)> inFloat)
    {
        var bits = new LayerBits[whole.Layers.Length];
        foreach (var layer in whole.Layers)
        {
            var (weights, activation) = inFloat(layer);
            bits[layer.Found.Layer.Index] = new LayerBits(Named(layer.Bits.Weights, weights), Named(layer.Bits.Activations, activation));
        }
        return new Policy([.. bits]);
    }

    private static Bitwidth Named(Bitwidth own, bool isFloat) => isFloat ? Bitwidth.Float : own.IsFloat ? Bitwidth.Sixteen : own;
}
