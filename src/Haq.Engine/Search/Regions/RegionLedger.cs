using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>What is known of a network's costs so far: every file that is profiled says what its units and borders cost, and what was estimated before is corrected.</summary>
internal sealed class RegionLedger
{
    // What QuantizeLinear and DequantizeLinear cost before any was seen.
    private const double PerCall = 4e-6, PerElement = 0.15e-9;

    private readonly RegionMap _map;
    private readonly double[] _float;
    private readonly double[] _integer;
    private readonly double[] _quantize;
    private readonly double[] _dequantize;
    private readonly BorderModel _quantizing = new(PerCall, PerElement);
    private readonly BorderModel _dequantizing = new(PerCall, PerElement);
    private double _fixed;

    public RegionLedger(RegionMap map, Func<int, bool> mayBeInteger, Func<int, bool> mayBeFloat)
    {
        _map = map;
        _float = [.. Enumerable.Range(0, map.Units.Length).Select(u => mayBeFloat(u) ? double.NaN : double.PositiveInfinity)];
        _integer = [.. Enumerable.Range(0, map.Units.Length).Select(u => mayBeInteger(u) ? double.NaN : double.PositiveInfinity)];
        (_quantize, _dequantize) = (Unknown(map.Tensors.Length), Unknown(map.Tensors.Length));
    }

    /// <summary>The costs, what was not seen yet estimated from what was.</summary>
    public RegionCosts Costs => new(
        Known(_float, _integer), Known(_integer, _float),
        [.. _map.Tensors.Select((t, i) => double.IsNaN(_quantize[i]) ? _quantizing.Of(t.Elements) : _quantize[i])],
        [.. _map.Tensors.Select((t, i) => GivesReals(t) ? 0 : double.IsNaN(_dequantize[i]) ? _dequantizing.Of(t.Elements) : _dequantize[i])],
        _fixed);

    /// <summary>Takes over what a profiled file says.</summary>
    public void Learn(RegionPlan plan, RegionReading reading)
    {
        double[] units = [.. reading.Units];
        for (int t = 0; t < _map.Tensors.Length; t++)
        {
            var tensor = _map.Tensors[t];
            bool integers = tensor.Producer >= 0 && plan[tensor.Producer], real = !integers;
            bool quantizes = real && tensor.Consumers.Any(c => plan[c]), dequantizes = integers && (tensor.IsReadAsReals || tensor.Consumers.Any(c => !plan[c]));
            double rest = reading.Quantize[t] + reading.Dequantize[t];
            if (quantizes)
            {
                _quantize[t] = rest;
                _quantizing.Add(tensor.Elements, rest);
                rest = 0;
            }
            else if (dequantizes && !GivesReals(tensor))
            {
                _dequantize[t] = rest;
                _dequantizing.Add(tensor.Elements, rest);
                rest = 0;
            }
            // Inside of a region it is a kernel that was not fused, or a layout that some kernel needs: its unit's cost.
            int payer = tensor.Producer >= 0 ? tensor.Producer : tensor.Consumers.IsEmpty ? -1 : tensor.Consumers[0];
            if (payer >= 0) units[payer] += rest;
        }
        for (int u = 0; u < units.Length; u++)
        {
            ref double known = ref (plan[u] ? ref _integer[u] : ref _float[u]);
            known = double.IsNaN(known) ? units[u] : (known + units[u]) / 2;
        }
        double seen = units.Sum() + Enumerable.Range(0, _map.Tensors.Length).Sum(t => IsBorder(plan, _map.Tensors[t]) ? reading.Quantize[t] + reading.Dequantize[t] : 0);
        double others = Math.Max(0, reading.Total - seen);
        _fixed = _fixed == 0 ? others : (_fixed + others) / 2;
    }

    private bool IsBorder(RegionPlan plan, RegionTensor tensor)
    {
        bool integers = tensor.Producer >= 0 && plan[tensor.Producer];
        return integers ? !GivesReals(tensor) && (tensor.IsReadAsReals || tensor.Consumers.Any(c => !plan[c])) : tensor.Consumers.Any(c => plan[c]);
    }

    private bool GivesReals(RegionTensor tensor) => tensor.Producer >= 0 && _map.Units[tensor.Producer].GivesReals;

    private static double[] Known(double[] own, double[] other) => [.. own.Select((cost, u) => !double.IsNaN(cost) ? cost : double.IsFinite(other[u]) ? other[u] : 0)];

    private static double[] Unknown(int count)
    {
        double[] costs = new double[count];
        Array.Fill(costs, double.NaN);
        return costs;
    }
}
