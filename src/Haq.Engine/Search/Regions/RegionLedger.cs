using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>What is known of a network's costs so far: every file that is profiled says what its units and borders cost, and what was estimated before is corrected.</summary>
internal sealed class RegionLedger
{
    // What QuantizeLinear and DequantizeLinear cost before any was seen.
    private const double PerCall = 4e-6, PerElement = 0.15e-9;

    private readonly RegionMap _map;
    private readonly double[][] _units;
    private readonly Border _quantize;
    private readonly Border _dequantize;
    private readonly Border _dynamic;
    private readonly List<(RegionPlan Plan, double[] Units, double Fixed)> _readings = [];
    private readonly int[][] _neighbours;
    private double _fixed;

    public RegionLedger(RegionMap map, Func<int, UnitForm, bool> mayBe)
    {
        _map = map;
        _units = RegionCosts.Table(map.Units.Length, double.PositiveInfinity);
        foreach (var form in Enum.GetValues<UnitForm>())
        {
            for (int u = 0; u < map.Units.Length; u++)
                if (mayBe(u, form)) _units[(int)form][u] = double.NaN;
        }

        (_quantize, _dequantize, _dynamic) = (new Border(map), new Border(map), new Border(map));
        _neighbours = NeighboursIn(map);
    }

    /// <summary>The costs. Of floating point and integers, what was not seen yet is estimated from what was; other forms are not taken before they were seen.</summary>
    public RegionCosts Costs => new(
        [.. _units.Select((row, f) => row.Select((cost, u) => double.IsNaN(cost) ? Unseen((UnitForm)f, u) : cost).ToArray())],
        _quantize.Costs(_ => false), _dequantize.Costs(GivesReals), _dynamic.Costs(_ => false), _fixed);

    /// <summary>
    /// What a plan's file takes. A unit's time depends on what is around it, as layouts of memory change between floating point and integers: where a file had it among neighbours of the same forms,
    /// that counts, and what is known of all files otherwise. What a run takes besides is that of the file that is nearest. Null where a unit's form is not known.
    /// </summary>
    public double? Predict(RegionPlan plan)
    {
        var costs = Costs;
        var units = costs.Units.Select(row => row.ToArray()).ToArray();
        for (int u = 0; u < plan.Count; u++)
        {
            double[] alike = [.. _readings.Where(r => r.Plan[u] == plan[u] && _neighbours[u].All(n => r.Plan[n] == plan[n])).Select(r => r.Units[u])];
            if (alike.Length > 0) units[(int)plan[u]][u] = alike.Average();
        }
        var nearest = _readings.MinBy(r => Enumerable.Range(0, plan.Count).Count(u => r.Plan[u] != plan[u]));
        double seconds = RegionCut.Price(_map, costs with { Units = units, Fixed = nearest.Plan is null ? costs.Fixed : nearest.Fixed }, plan);
        return double.IsFinite(seconds) ? seconds : null;
    }

    /// <summary>Takes over what a profiled file says.</summary>
    public void Learn(RegionPlan plan, RegionReading reading)
    {
        double[] units = [.. reading.Units];
        double borders = 0;
        for (int t = 0; t < _map.Tensors.Length; t++)
        {
            var tensor = _map.Tensors[t];
            double rest = reading.Quantize[t] + reading.Dequantize[t];
            if (tensor.IsDynamic(plan))
            {
                _dynamic.See(t, reading.Dynamic[t]);
                borders += reading.Dynamic[t];
            }
            if (tensor.IsQuantized(plan) || (tensor.IsDequantized(plan) && !GivesReals(tensor)))
            {
                (tensor.IsQuantized(plan) ? _quantize : _dequantize).See(t, rest);
                borders += rest;
                continue;
            }
            // Inside of a region it is a kernel that was not fused, or a layout that some kernel needs: its unit's cost.
            int payer = tensor.Producer >= 0 ? tensor.Producer : tensor.Consumers.IsEmpty ? -1 : tensor.Consumers[0];
            if (payer >= 0) units[payer] += rest;
        }
        for (int u = 0; u < units.Length; u++)
        {
            ref double known = ref _units[(int)plan[u]][u];
            known = double.IsNaN(known) ? units[u] : (known + units[u]) / 2;
        }
        double others = Math.Max(0, reading.Total - units.Sum() - borders);
        _fixed = _fixed == 0 ? others : (_fixed + others) / 2;
        _readings.Add((plan, units, others));
    }

    // Units that a tensor joins: its maker and all that read it.
    private static int[][] NeighboursIn(RegionMap map)
    {
        var neighbours = Enumerable.Range(0, map.Units.Length).Select(_ => new SortedSet<int>()).ToArray();
        foreach (var tensor in map.Tensors)
        {
            int[] joined = tensor.Producer < 0 ? [.. tensor.Consumers] : [tensor.Producer, .. tensor.Consumers];
            foreach (int unit in joined) neighbours[unit].UnionWith(joined.Where(other => other != unit));
        }
        return [.. neighbours.Select(n => n.ToArray())];
    }

    private bool GivesReals(RegionTensor tensor) => tensor.Producer >= 0 && _map.Units[tensor.Producer].GivesReals;

    private double Unseen(UnitForm form, int unit)
    {
        if (form is not (UnitForm.Float or UnitForm.Integers)) return double.PositiveInfinity;
        double other = _units[(int)(form == UnitForm.Float ? UnitForm.Integers : UnitForm.Float)][unit];
        return double.IsFinite(other) ? other : 0;
    }

    private sealed class Border(RegionMap map)
    {
        private readonly Dictionary<int, double> _seen = [];
        private readonly BorderModel _others = new(PerCall, PerElement);

        public void See(int tensor, double seconds)
        {
            _seen[tensor] = seconds;
            // Nothing is a border that became part of some kernel; it tells nothing of others.
            if (seconds > 0) _others.Add(map.Tensors[tensor].Elements, seconds);
        }

        public double[] Costs(Func<RegionTensor, bool> isFree) =>
            [.. map.Tensors.Select((tensor, t) => isFree(tensor) ? 0 : _seen.TryGetValue(t, out double known) ? known : _others.Of(tensor.Elements))];
    }
}
