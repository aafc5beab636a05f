using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Regions;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Prices every choice, and refuses a budget that no choice can meet.</summary>
internal static class PriceStage
{
    private static readonly ImmutableArray<Bitwidth> s_eightOrFloat = [Bitwidth.Eight, Bitwidth.Float];

    public static Pricing Run(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        AskedWidths.Check(manifest, workspace.Target);
        var model = workspace.Model;
        bool chooses = RegionStage.IsAsked(manifest, workspace.Target), measures = chooses && manifest.Bits.At is null;
        var target = MeasuredHardware.Ready(workspace.Target, model.View, model.Survey, model.Shapes, workspace.Warn, new LayerTimerOptions { Threads = MeasuringSettings.Threads(manifest) }, workspace.Cancellation);
        workspace.Target = target;
        workspace.Report("price", $"pricing {workspace.Model.Layers.Length} layers on {target.Name}");
        var layers = workspace.Model.Items;
        var costs = SharedWeights.Price(manifest, CostTable.Build(target, layers, StoredParameters.FixedBits(model.View, model.Survey, model.Tables)));
        var space = SharedWeights.Choices(manifest, target, costs, layers, measures ? s_eightOrFloat : manifest.Bits.Weights, measures ? s_eightOrFloat : manifest.Bits.Activations).Build();
        RejectUnknownSkips(workspace);
        var resolver = new BudgetResolver(target, costs, layers);
        var request = new BudgetRequest(chooses ? null : Limit(manifest.Budget.Latency), Limit(manifest.Budget.Energy), Limit(manifest.Budget.Size), Limit(manifest.Budget.EffectiveBits));
        var budget = resolver.Resolve(request);
        if (resolver.Shortfalls(request, space.ChoicesOf) is [var first, ..]) throw first.Error();
        var limits = (Manifest.Located<Numerics.Units.Quantity>?[])[manifest.Budget.Latency, manifest.Budget.Energy, manifest.Budget.Size ?? manifest.Budget.EffectiveBits];
        if (limits.Count(l => l is not null) > 1)
            Affordability.Policy(space, costs, budget, limits.First(l => l is not null)!.Value.At, [.. layers.Select(l => l.Name)]);
        return new Pricing(costs, space, budget, resolver.EightBit, resolver.FloatSizeBits);
    }

    private static BudgetLimit? Limit(Manifest.Located<Numerics.Units.Quantity>? limit) => limit is { } l ? new BudgetLimit(l.Value, l.At) : null;

    private static void RejectUnknownSkips(Workspace workspace)
    {
        foreach (var entry in workspace.Manifest.Layers.Where(l => l.Skip))
        {
            if (workspace.Model.Items.Any(l => entry.Matches(l.Name)) || workspace.Model.Survey.Skipped.Any(s => entry.Matches(s.Name)) || workspace.Model.Survey.Tables.Any(t => entry.Matches(t.Name))) continue;
            string? near = Numerics.Suggestion.For(entry.Pattern, workspace.Model.Layers.Select(l => l.Name));
            throw DiagnosticCatalog.UnknownLayer.Error(entry.At, $"no layer is called '{entry.Pattern}'; {(near is null ? "'haq inspect' lists the layers" : $"did you mean '{near}'?")}");
        }
    }
}
