using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Hardware;

/// <summary>Turns a budget as written into absolute limits, and says before any search when no choice of bits can meet them.</summary>
public sealed class BudgetResolver
{
    private const int BitsPerByte = 8, FloatBits = 32, BaselineBits = 8;

    private readonly HardwareTarget _target;
    private readonly CostTable _costs;
    private readonly IReadOnlyList<QuantizableLayer> _layers;
    private readonly NetworkCost _eight;
    private readonly long _weights;

    /// <summary>A resolver for one network on one target.</summary>
    /// <exception cref="HaqException">The target cannot compute with 8 bits, the baseline of relative budgets (HAQ0205).</exception>
    public BudgetResolver(HardwareTarget target, CostTable costs, IReadOnlyList<QuantizableLayer> layers)
    {
        (_target, _costs, _layers) = (target, costs, layers);
        var eight = LayerBits.Uniform(Bitwidth.Eight);
        if (!costs.Holds(eight))
        {
            throw DiagnosticCatalog.BitsUnsupported.Error(
                (SourceLocation?)null, $"{target.Name} cannot compute with {eight}, the baseline of budgets; it computes with {target.Bits}. Choose other hardware.");
        }
        _eight = costs.PriceWhole(Policy.Uniform(layers.Count, eight));
        _weights = layers.Sum(l => l.Shape.Weights);
        FloatSizeBits = _weights * FloatBits + costs.FixedBits;
    }

    /// <summary>All layers at uniform 8 bit, first and last included: the baseline of latency and energy factors.</summary>
    public NetworkCost EightBit => _eight;

    /// <summary>The float32 model's parameters: the baseline of size factors.</summary>
    public long FloatSizeBits { get; }

    /// <summary>The float model's file: the baseline of factors of the file's size.</summary>
    public long FloatFileBits { get; init; }

    /// <summary>Absolute limits.</summary>
    /// <exception cref="HaqException">A limit on something that the target does not model (HAQ0204).</exception>
    public Budget Resolve(BudgetRequest request)
    {
        if (request.Energy is { } energy && _eight.EnergyJoules is null)
        {
            throw DiagnosticCatalog.BudgetNotModelled.Error(
                energy.Location, $"{_target.Name} has no energy model, so 'energy' cannot be limited. Limit latency or size, or choose hardware with an energy model.");
        }
        return new Budget(
            Absolute(request.Latency, _eight.LatencySeconds, 1),
            Absolute(request.Energy, _eight.EnergyJoules ?? 0, 1),
            Tighter(Absolute(request.Size, FloatSizeBits, BitsPerByte), Stored(request.EffectiveBits)),
            Absolute(request.File, FloatFileBits, BitsPerByte) is { } file ? (long)Math.Min(file, long.MaxValue / 2) : null);
    }

    // The mean width of the weights and the stored size are the same quantity in other units, so the tighter of two limits says both.
    private static long? Tighter(double? size, double? stored)
    {
        double least = Math.Min(size ?? double.PositiveInfinity, stored ?? double.PositiveInfinity);
        return double.IsPositiveInfinity(least) ? null : (long)Math.Min(least, long.MaxValue / 2);
    }

    // Widened by less than a bit, so that a mean written with a few digits admits the policy that it was read off.
    private double? Stored(BudgetLimit? effectiveBits) =>
        Absolute(effectiveBits, BaselineBits, 1) is { } mean ? _costs.FixedBits + Math.Floor(mean * _weights + 0.5) : null;

    /// <summary>The limits that no policy can meet, each with its floor; empty when each can be met.</summary>
    /// <param name="request">The limits as written.</param>
    /// <param name="choices">The choices of every layer.</param>
    public ImmutableArray<BudgetShortfall> Shortfalls(BudgetRequest request, LayerChoices choices)
    {
        var budget = Resolve(request);
        var found = ImmutableArray.CreateBuilder<BudgetShortfall>();
        Check(CostQuantity.Latency, request.Latency, budget.LatencySeconds, _eight.LatencySeconds);
        Check(CostQuantity.Energy, request.Energy, budget.EnergyJoules, _eight.EnergyJoules ?? 0);
        Check(CostQuantity.Size, request.Size, Absolute(request.Size, FloatSizeBits, BitsPerByte), FloatSizeBits);
        Check(CostQuantity.EffectiveBits, request.EffectiveBits, Absolute(request.EffectiveBits, BaselineBits, 1), BaselineBits);
        Check(CostQuantity.File, request.File, budget.FileBits, FloatFileBits);
        return found.ToImmutable();

        void Check(CostQuantity quantity, BudgetLimit? written, double? limit, double baseline)
        {
            if (limit is not { } asked) return;
            var floor = BudgetFloor.Of(quantity, _costs, _layers, choices);
            if (floor.Value > asked) found.Add(new BudgetShortfall(quantity, written!, asked, baseline, floor));
        }
    }

    private static double? Absolute(BudgetLimit? limit, double baseline, double scale) => limit?.Quantity switch
    {
        null => null,
        { Dimension: Dimension.Factor } factor => factor.Value * baseline,
        { } quantity => quantity.Value * scale,
    };
}
