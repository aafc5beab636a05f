using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>Looks at every output of the network that is delivered, and looks for a remedy where what was asked for leaves an output far from float.</summary>
internal static class Agreement
{
    // What a choice may be below 16 bits everywhere, in cosine, and the drop in points up to which it should not be further.
    private const double AsGood = 0.001, StrictDrop = 0.5;

    /// <summary>The output furthest from float's.</summary>
    public static AgreementFacts Of(ReportInputs inputs, MeasuredInputs measured, QuantizedModel final, StageScope scope)
    {
        var check = new OutputCheck(measured.Float.Value, measured.Search.Value, scope.Cancellation);
        var (output, cosine) = check.Worst(final);
        string? excuse = inputs.Outcome.Excuse;
        var facts = new AgreementFacts { Output = output, Cosine = cosine, Excuse = excuse };
        if (cosine >= AgreementFacts.Close) return facts;
        if (Excuse.IsNarrow(final.Policy)) return facts;
        return facts with { Advice = JunctionAtFault(check, inputs.Task.Model.Value, final) ?? (excuse is null ? null : Layers(inputs, measured, check, final.Policy, output, scope)) };
    }

    /// <summary>What was left wider (HAQ1404).</summary>
    public static Diagnostic Told(string model, MendingFacts mending) => DiagnosticCatalog.LeftWider.At(new SourceLocation(model), string.Create(CultureInfo.InvariantCulture,
        $"{Reason(mending)}. {string.Join(", ", mending.Widened.Select(w => $"'{w.Name}' in {w.Width}"))}: left wider, and {(mending.Lost is null ? $"the worst output has {mending.After:F3}" : "that is kept")}. Write 'layers: {{{mending.Entries}}}' to make that your choice."));

    /// <summary>
    /// Said where 16 bits throughout give outputs closer to float's than the choice does (HAQ1431), and nothing that was asked for explains it: no budget that they do not fit, no drop of more
    /// than half a point, no labels to go by.
    /// </summary>
    public static Diagnostic? BelowWide(ReportInputs inputs, AccuracyFacts delivered, BaselineFacts wide)
    {
        var (manifest, outcome, pricing) = (inputs.Manifest, inputs.Outcome, inputs.Task.Pricing.Value);
        if (delivered.Cosine is not { } own || wide.Quantized?.Cosine is not { } other || own >= other - AsGood) return null;
        bool isAskedFor = outcome.IsGiven || manifest.Finetune is not null || delivered.Top1 is not null || manifest.Budget.AccuracyDrop?.Value.Value > StrictDrop;
        if (isAskedFor || !pricing.Budget.Admits(pricing.Costs.PriceWhole(pricing.UniformWide!))) return null;
        double share = WideTensors.Share(inputs.Task.Model.Value.Items, outcome.Policy);
        return DiagnosticCatalog.BelowWide.At(new SourceLocation(manifest.File, 1, 1), string.Create(CultureInfo.InvariantCulture,
            $"with activations of 16 bits throughout the outputs have a cosine of {other:F4} to float's, with this choice {own:F4}: {100 * share:0.#} % of activation elements have more than 8 bits. Allow a smaller 'accuracy-drop' to have more of them wide, or name them under 'layers:'; 'haq search --explain' ranks them."));
    }

    private static string Reason(MendingFacts mending) => mending.Lost is { } lost
        ? string.Create(CultureInfo.InvariantCulture, $"{lost:0.##} points would be lost on the samples of the search, more than 'accuracy-drop' allows")
        : string.Create(CultureInfo.InvariantCulture, $"output '{mending.Output}' would agree with the float model by a cosine of only {mending.Before:F3}");

    /// <summary>A grid between layers that does the damage, where those have no widths to choose.</summary>
    private static string? JunctionAtFault(OutputCheck check, QuantizableModel model, QuantizedModel quantized)
    {
        if (!model.Tensors.IsEmpty || quantized.Junctions.IsEmpty) return null;
        double without = check.Worst(quantized with { Junctions = [] }).Cosine;
        if (without < AgreementFacts.Close) return null;
        string worst = quantized.Junctions.MaxBy(j => check.Worst(quantized with { Junctions = quantized.Junctions.Remove(j) }, quick: true).Cosine)!.Junction.Tensor;
        return string.Create(CultureInfo.InvariantCulture, $"tensor '{worst}' between layers does not fit an 8-bit grid: with 'quantization: {{junctions: float}}' the worst output has {without:F3}");
    }

    private static string? Layers(ReportInputs inputs, MeasuredInputs measured, OutputCheck check, Layers.Policy policy, string output, StageScope scope)
    {
        var (model, quantizer) = (inputs.Task.Model.Value, measured.Quantizer.Value);
        var goal = new MendGoal(quantizer, check, limit: null, scope.Cancellation);
        if (new Repair(model, inputs.Target.Value, goal, [], _ => true, scope).Find(policy, output) is not { } wider) return null;
        var widened = Repair.Widened(model, policy, wider);
        return string.Create(CultureInfo.InvariantCulture, $"with 'layers: {{{string.Join(", ", widened.Select(w => w.Entry))}}}' the worst output has {goal.Cosine(wider):F3}");
    }
}
