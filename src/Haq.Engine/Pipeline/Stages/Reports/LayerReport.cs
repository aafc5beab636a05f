using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Tensors;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>Every layer in the report's form.</summary>
internal static class LayerReport
{
    public static ImmutableArray<LayerFacts> Of(ReportInputs inputs)
    {
        var (pricing, outcome) = (inputs.Task.Pricing.Value, inputs.Outcome);
        var model = inputs.Task.Model.Value;
        var layers = model.Items;
        return new LayerFactsBuilder(inputs.Target.Value, pricing.Costs, layers)
        {
            Sources = ItemGraph.SourcesOf(model),
            Scores = outcome.Scores?.ToTable(),
            Choices = pricing.Space.ChoicesOf,
            Pinned = layers.Select(l => (l.Index, Reason: PinnedBy(inputs.Manifest, pricing, model, l))).Where(p => p.Reason is not null).ToDictionary(p => p.Index, p => p.Reason!),
        }.Build(outcome.Policy);
    }

    private static string? PinnedBy(HaqManifest manifest, Pricing pricing, QuantizableModel model, QuantizableLayer layer)
    {
        if (pricing.Space.ChoicesOf(layer.Index).Length > 1) return null;
        if (manifest.SettingsOf(layer.Name) is not null) return "an entry under 'layers:'";
        return layer.Index == 0 ? "the first layer" : layer.Index == model.Layers.Length - 1 ? "the last layer" : "the only choice";
    }
}
