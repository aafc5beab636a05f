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
    }

    /// <summary>The costs. Of floating point and integers, what was not seen yet is estimated from what was; other forms are not taken before they were seen.</summary>
    public RegionCosts Costs => new(
        [.. _units.Select((row, f) => row.Select((cost, u) => double.IsNaN(cost) ? Unseen((UnitForm)f, u) : cost).ToArray())],
        _quantize.Costs(_ => false), _dequantize.Costs(GivesReals), _dynamic.Costs(_ => false), _fixed);

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
