using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <summary>The choices that the manifest leaves and the hardware has.</summary>
internal sealed class WidthChoices(PriceInputs inputs, HardwareTarget target, CostTable costs, IReadOnlyList<QuantizableLayer> layers)
{
    private static readonly ImmutableArray<Bitwidth> s_float = [Bitwidth.Float];

    /// <summary>All choices within these widths; what is pinned stays pinned.</summary>
    /// <exception cref="HaqException">A layer has none, or an entry is wrong.</exception>
    public SearchSpace Within(ImmutableArray<Bitwidth> weights, ImmutableArray<Bitwidth> activations)
    {
        bool shared = inputs.SharesWeights;
        var form = inputs.Model.Value.Form;
        // Tensors between layers have the width that the layers have, and there is one.
        if (form is { EveryTensor: true })
        {
            activations = [.. activations.Where(a => !a.IsFloat).Order().Where(a => form.Allows(new LayerBits(Bitwidth.Eight, a))).Take(1),
                .. activations.Where(a => a.IsFloat && target.Host is not null)];
        }
        return new SearchSpaceBuilder(layers, bits => form?.Allows(bits) == false && !IsLeftToHost(bits) ? false : shared ? bits.Activations == Bitwidth.Float
            && bits.Weights <= Bitwidth.Eight : target.Bits.RoundUp(bits) is not null && costs.Holds(bits))
        {
            Weights = weights,
            Activations = shared ? s_float : activations,
            Location = inputs.Bits.At ?? inputs.HardwareAt,
            Hardware = form is null ? target.Bits.ToString() : $"{target.Bits} (target {form.Profile.Name})",
            SupportsTensor = width => width == Bitwidth.Eight || (target.Bits.Activations.Contains(width) && !(target.Host is not null && width.IsFloat)),
            Rules = [.. inputs.Layers.Select(l => new LayerRule(l.Pattern, l.Weights, l.Activations, l.At) { Skip = l.Skip })],
        }.Build();
    }

    // What the target does not compute, the host does, where the hardware file says what that takes.
    private bool IsLeftToHost(LayerBits bits) => target.Host is not null && bits == LayerBits.Float;

    /// <summary>All free layers at one pair of widths, as searches, evaluations and comparisons mean it; null where the hardware cannot compute with it.</summary>
    public Policy? Uniform(LayerBits pair)
    {
        if (!inputs.SharesWeights && (!target.Bits.Contains(pair) || !costs.Holds(pair))) return null;
        try
        {
            return Within([pair.Weights], [pair.Activations]).Uniform(pair);
        }
        catch (HaqException)
        {
            // A group of which one member is pinned to another width has no such policy.
            return null;
        }
    }
}
