using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>
/// What each form of each unit does to the outputs by itself, measured when a plan asks for it. A plan that is least while what is unknown counts as nothing, and that has nothing unknown in it, is
/// least whatever the unknown turns out to be; so that forms no plan would have are never measured.
/// </summary>
/// <param name="map">The network.</param>
/// <param name="real">The plan that does nothing to the outputs.</param>
/// <param name="probe">Measures a unit's form.</param>
internal sealed class RegionDamage(RegionMap map, RegionPlan real, Func<int, UnitForm, double> probe)
{
    private readonly double[][] _known = RegionCosts.Table(map.Units.Length, double.NaN);

    /// <summary>Rules out what is no choice: a form that reads and makes real numbers like floating point, and is no faster.</summary>
    public void LeaveOut(RegionCosts costs)
    {
        foreach (var form in Enum.GetValues<UnitForm>())
        {
            if (form is UnitForm.Integers or UnitForm.Rows8 or UnitForm.Rows4) continue;
            for (int u = 0; u < map.Units.Length; u++)
                if (form != real[u] && costs.Of(u, form) >= costs.Of(u, UnitForm.Float)) _known[(int)form][u] = double.PositiveInfinity;
        }
    }

    /// <summary>What the units of a plan do, added up.</summary>
    public double Of(RegionPlan plan) => Enumerable.Range(0, plan.Count).Sum(u => Of(u, plan[u]));

    /// <summary>The plan of least cost, with so many seconds for a unit of damage.</summary>
    public RegionPlan Weighed(RegionCosts costs, double factor)
    {
        while (true)
        {
            double[][] table = [.. _known.Select(row => row.Select(d => double.IsNaN(d) ? 0 : d * factor).ToArray())];
            var plan = RegionCut.Solve(map, costs, table);
            int[] unknown = [.. Enumerable.Range(0, plan.Count).Where(u => double.IsNaN(_known[(int)plan[u]][u]))];
            if (unknown.Length == 0) return plan;
            foreach (int u in unknown) Of(u, plan[u]);
        }
    }

    private double Of(int unit, UnitForm form)
    {
        ref double known = ref _known[(int)form][unit];
        if (double.IsNaN(known)) known = form == real[unit] || (form == UnitForm.Integers && map.Units[unit].KeepsValues) ? 0 : probe(unit, form);
        return known;
    }
}
