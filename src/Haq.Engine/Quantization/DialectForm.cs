using System.Collections.Immutable;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization;

/// <summary>What a target asks of a network's numbers, so that everything from calibration to fine-tuning works in the grid that is written.</summary>
public sealed class DialectForm
{
    private readonly WidthsRule? _widths;
    private readonly ImmutableArray<ConstantsRule> _constants;

    private DialectForm(DialectProfile profile)
    {
        Profile = profile;
        var activations = profile.Find<ActivationsRule>();
        Grid = new GridForm(activations is { IsSymmetric: true }, activations is { PowerOfTwo: true });
        _widths = profile.Find<WidthsRule>();
        _constants = [.. profile.Rules.OfType<ConstantsRule>()];
        // A target that wants pairs behind everything wants them everywhere.
        var pairs = profile.Rules.OfType<PairsRule>().Where(p => p is { Inputs: true, Outputs: true, Effect: not RuleEffect.Note } && p.Operators.IsEmpty).ToList();
        (EveryTensor, StoresConstants) = (pairs.Count > 0, pairs.Any(p => p.Constants));
        Fused = [.. pairs.SelectMany(p => p.Fused)];
    }

    /// <summary>The target.</summary>
    public DialectProfile Profile { get; }

    /// <summary>Grids of activations.</summary>
    public GridForm Grid { get; }

    /// <summary>Every tensor between nodes has a pair.</summary>
    public bool EveryTensor { get; }

    /// <summary>Constants beside activations are stored as integers.</summary>
    public bool StoresConstants { get; }

    /// <summary>Activation functions that share the pair of the node before.</summary>
    internal ImmutableSortedSet<string> Fused { get; }

    /// <summary>All extents are numbers, the batch too.</summary>
    public bool FixesShapes => Profile.Find<ShapesRule>() is { BatchMayBeFree: false, Effect: not RuleEffect.Note };

    /// <summary>Scales are not trained: they are powers of two, or several tensors share one.</summary>
    public bool KeepsScales => EveryTensor || Grid.PowerOfTwo;

    /// <summary>Weights have one scale a tensor.</summary>
    public bool PerTensorWeights => Profile.Find<WeightsRule>() is { } weights && !weights.Granularity.Contains("channel");

    /// <summary>Biases have one scale a tensor.</summary>
    public bool PerTensorBiases => Profile.Find<BiasesRule>() is { IsPerTensor: true };

    /// <summary>Scales of weights are powers of two.</summary>
    public bool PowerOfTwoWeights => Profile.Find<WeightsRule>() is { PowerOfTwo: true };

    /// <summary>The form of a target; null where the engine's own is the target's.</summary>
    public static DialectForm? Of(DialectProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Name == DialectProfile.Default ? null : new DialectForm(profile);
    }

    /// <summary>The target computes a layer of these widths, stored in the types that it has: narrower activations would need a limiter before their pair.</summary>
    public bool Allows(LayerBits bits)
    {
        if (_widths is null) return true;
        if (bits.Weights.IsFloat || bits.Activations.IsFloat) return _widths.Pairs.Contains(bits);
        var stored = new LayerBits(IntegerContainer.For(bits.Weights).Bits, IntegerContainer.ForActivations(bits.Activations).Bits);
        return stored.Activations == bits.Activations && _widths.Pairs.Contains(stored);
    }

    /// <summary>The grid of what a node makes, where the target has one for it.</summary>
    internal Quantizer? GridOf(NodeProto? producer, Bitwidth bits)
    {
        if (producer is null) return null;
        foreach (var rule in _constants)
        {
            if (!producer.Is(rule.Operator) || ElementTypes.BitsOf(rule.Type) != bits.Bits) continue;
            var (min, max) = ElementTypes.IntegerRange(rule.Type);
            return new Quantizer((float)rule.Scale, (int)rule.ZeroPoint, new IntegerRange((int)min, (int)max));
        }
        return null;
    }
}
