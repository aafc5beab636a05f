using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Every layer in the report's form.</summary>
internal static class LayerReport
{
    public static ImmutableArray<LayerFacts> Of(Workspace workspace, SearchOutcome outcome)
    {
        var layers = workspace.Model.Items;
        return new LayerFactsBuilder(workspace.Target, workspace.Pricing.Costs, layers)
        {
            Scores = outcome.Scores?.ToTable(),
            Choices = workspace.Pricing.Space.ChoicesOf,
            Pinned = layers.Select(l => (l.Index, Reason: PinnedBy(workspace, l))).Where(p => p.Reason is not null).ToDictionary(p => p.Index, p => p.Reason!),
        }.Build(outcome.Policy);
    }

    private static string? PinnedBy(Workspace workspace, QuantizableLayer layer)
    {
        if (workspace.Pricing.Space.ChoicesOf(layer.Index).Length > 1) return null;
        if (workspace.Manifest.SettingsOf(layer.Name) is not null) return "an entry under 'layers:'";
        return layer.Index == 0 ? "the first layer" : layer.Index == workspace.Model.Layers.Length - 1 ? "the last layer" : "the only choice";
    }
}
