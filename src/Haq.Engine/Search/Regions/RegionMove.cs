using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>A move from a plan: any units change to one form, all others stay. The best of these moves is a least cut.</summary>
internal sealed class RegionMove
{
    private const double UnitsPerSecond = 1e12;

    private readonly MaxFlow _flow;
    private readonly int _source;
    private readonly int _sink;

    private RegionMove(RegionMap map, RegionCosts costs, RegionPlan from, UnitForm form)
    {
        int units = map.Units.Length;
        (_source, _sink) = (units, units + 1);
        // With the source: what changes.
        _flow = new MaxFlow(units + 2 + 3 * map.Tensors.Length);
        for (int u = 0; u < units; u++)
        {
            if (from[u] == form) continue;
            double stays = costs.Of(u, from[u]), changes = costs.Of(u, form);
            if (double.IsPositiveInfinity(changes)) _flow.Add(u, _sink, MaxFlow.Infinite);
            else if (double.IsPositiveInfinity(stays)) _flow.Add(_source, u, MaxFlow.Infinite);
            else if (changes > stays) _flow.Add(u, _sink, Whole(changes - stays));
            else _flow.Add(_source, u, Whole(stays - changes));
        }
        for (int t = 0; t < map.Tensors.Length; t++)
        {
            var tensor = map.Tensors[t];
            int read = units + 2 + 3 * t, kept = read + 1, stepped = read + 2;
            // Integers if anybody reads integers: then making real numbers costs a quantization.
            var (integers, maker) = (Ends(form == UnitForm.Integers), tensor.Producer < 0 ? Ends(form == UnitForm.Integers).No : Side(from, form, tensor.Producer, UnitForm.Integers));
            foreach (int consumer in tensor.Consumers) Add(integers, Side(from, form, consumer, UnitForm.Integers), read, MaxFlow.Infinite);
            Add(integers, read, maker, Whole(costs.Quantize[t]));
            // Reals if anybody reads reals: then making integers costs a dequantization.
            if (tensor.IsReadAsReals) Add(integers, kept, integers.No, MaxFlow.Infinite);
            foreach (int consumer in tensor.Consumers) Add(integers, kept, Side(from, form, consumer, UnitForm.Integers), MaxFlow.Infinite);
            Add(integers, maker, kept, Whole(costs.Dequantize[t]));
            var dynamic = Ends(form == UnitForm.Dynamic);
            if (costs.Dynamic[t] == 0) continue;
            foreach (int consumer in tensor.Consumers) Add(dynamic, Side(from, form, consumer, UnitForm.Dynamic), stepped, MaxFlow.Infinite);
            Add(dynamic, stepped, dynamic.No, Whole(costs.Dynamic[t]));
        }
    }

    /// <summary>The best plan that a move to <paramref name="form"/> leads to.</summary>
    public static RegionPlan Best(RegionMap map, RegionCosts costs, RegionPlan from, UnitForm form)
    {
        var move = new RegionMove(map, costs, from, form);
        move._flow.Run(move._source, move._sink);
        return new RegionPlan([.. Enumerable.Range(0, from.Count).Select(u => move._flow.IsWithSource(u) ? form : from[u])]);
    }

    // The ends of the network that stand for having a form and for not having it. Moving to it, a unit that changes has it; moving elsewhere, one that stays.
    private (int Yes, int No, bool Turned) Ends(bool movesThere) => movesThere ? (_source, _sink, false) : (_sink, _source, true);

    // Where it is decided whether a unit has a form: in the unit, or it is so whatever happens.
    private int Side(RegionPlan from, UnitForm to, int unit, UnitForm form)
    {
        bool stays = from[unit] == form, changes = to == form;
        var (yes, no, _) = Ends(changes);
        return stays != changes ? unit : stays ? yes : no;
    }

    private void Add((int Yes, int No, bool Turned) ends, int from, int to, long capacity)
    {
        if (from == to) return;
        if (ends.Turned) _flow.Add(to, from, capacity);
        else _flow.Add(from, to, capacity);
    }

    private static long Whole(double seconds) => (long)Math.Round(Math.Max(0, seconds) * UnitsPerSecond);
}
