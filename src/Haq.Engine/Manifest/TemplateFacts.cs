using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>What a template is fitted to.</summary>
/// <param name="Model">The model's path as the manifest will name it.</param>
/// <param name="Hardware">The target's name.</param>
/// <param name="Inputs">Name and shape of each input, an extent of -1 where the graph leaves it open.</param>
/// <param name="Layers">Names of the layers that can be quantized, in order; empty where they are not known.</param>
/// <param name="Data">What looks like data beside the model.</param>
/// <param name="Input">How that data is best read; null where there is none.</param>
public sealed record TemplateFacts(
    string Model, string Hardware, ImmutableArray<(string Name, ImmutableArray<long> Shape)> Inputs, ImmutableArray<string> Layers, SuggestedData Data, InputSuggestion? Input = null)
{
    /// <summary>The hardware is this machine's processor: made as fast as accuracy allows, and not priced before it is measured.</summary>
    public bool IsMeasured => Hardware == "onnxruntime";

    /// <summary>The hardware keeps nothing but integers between its operators and has 16 bits for them: the widths to choose from, as few of them wide as accuracy needs; null elsewhere.</summary>
    public string? WideBits { get; init; }

    /// <summary>The latency budget that is written where the hardware is simulated.</summary>
    public string Latency { get; init; } = "0.6x";

    /// <summary>The facts of a model.</summary>
    /// <param name="modelFile">The model's path.</param>
    /// <param name="folder">The folder that the manifest will be in.</param>
    /// <param name="hardware">The target's name.</param>
    /// <exception cref="Diagnostics.HaqException">The model cannot be read (HAQ03xx).</exception>
    public static TemplateFacts Of(string modelFile, string folder, string hardware, CancellationToken cancellation = default)
    {
        var model = OnnxModel.Load(modelFile);
        var view = new GraphView(model);
        // Without shapes: the manifest that is being written is where they are given.
        var layers = view.Order.Where(n => SkipReasons.Of(view, n) is null && LayerParts.Of(view, n) is not null);
        ImmutableArray<(string Name, ImmutableArray<long> Shape)> inputs =
            [.. view.Inputs.Select(i => (i.Name, ImmutableArray.CreateRange(i.Type?.TensorType?.Shape?.Dim.Select(d => d.DimValue > 0 ? d.DimValue : -1L) ?? [])))];
        var data = SuggestedData.In(folder, inputs is [{ Shape: [_, .. var sample] }] && sample.All(e => e is > 0 and < int.MaxValue) ? [.. sample.Select(e => (int)e)] : null);
        return new TemplateFacts(
            Path.GetRelativePath(folder, modelFile).Replace('\\', '/'),
            hardware,
            inputs,
            [.. layers.Select(view.NameOf)],
            data,
            Suggest(model, data, folder, inputs, cancellation));
    }

    private static InputSuggestion? Suggest(
        OnnxModel model, SuggestedData data, string folder, ImmutableArray<(string Name, ImmutableArray<long> Shape)> inputs, CancellationToken cancellation)
    {
        if (data.Evaluation is not { } file || model.IsHuge) return null;
        var at = new SourceLocation(Path.Combine(folder, "haq.yaml"));
        var options = new DatasetOptions([new DataFile(null, FileReference.Resolve(file, at))])
        {
            Format = data.Raw is null ? null : DatasetFormat.Raw,
            ElementType = data.Raw?.Kind,
            Shape = data.Raw?.Shape,
            Labels = data.EvaluationLabels is { } labels ? new LabelOptions(FileReference.Resolve(labels, at)) : null,
        };
        ImmutableArray<InputOptions> declared = [.. inputs.Where(i => i.Shape.Skip(1).Any(e => e < 0)).Select(i =>
            new InputOptions(i.Name, [.. ManifestTemplate.ShapeOf(i.Shape).Select(e => (int)e)], null, at))];
        try
        {
            return InputSuggestion.Find(model, options, declared, cancellation);
        }
        catch (HaqException e)
        {
            return new InputSuggestion(options, "it could not be tried", e.Diagnostic.Message);
        }
    }
}
