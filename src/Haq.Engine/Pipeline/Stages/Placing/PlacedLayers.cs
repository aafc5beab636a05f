using System.Collections.Immutable;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <summary>What the plan that was chosen makes of each layer, and where its time goes.</summary>
internal static class PlacedLayers
{
    public static ImmutableArray<RegionLayer> Of(RegionMap map, RegionResult result)
    {
        // Float is measured first. A plan that nobody measured by itself is float with tables in fewer bits, which takes no layer's time.
        var real = result.Candidates[0];
        var chosen = result.Candidates.FirstOrDefault(c => c.Plan.Equals(result.Plan)) ?? real;
        var regions = map.RegionsOf(result.Plan);
        return [.. Enumerable.Range(0, map.Units.Length).Where(u => map.Units[u].Layer is not null).OrderBy(u => map.Units[u].Layer!.Layer.Index).Select(u => new RegionLayer(
            result.Plan.ToString()[u].ToString(), regions[u], chosen.Units[u].Predicted * 1e3, chosen.Units[u].Measured * 1e3, real.Units[u].Measured * 1e3))];
    }
}
