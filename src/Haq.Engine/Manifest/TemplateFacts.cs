using System.Collections.Immutable;
using Haq.Engine.Onnx;

namespace Haq.Engine.Manifest;

/// <summary>What a template is fitted to.</summary>
/// <param name="Model">The model's path as the manifest will name it.</param>
/// <param name="Hardware">The target's name.</param>
/// <param name="Inputs">Name and shape of each input, an extent of -1 where the graph leaves it open.</param>
/// <param name="Layers">Names of the layers that can be quantized, in order; empty where they are not known.</param>
/// <param name="Data">What looks like data beside the model.</param>
public sealed record TemplateFacts(
    string Model, string Hardware, ImmutableArray<(string Name, ImmutableArray<long> Shape)> Inputs, ImmutableArray<string> Layers, SuggestedData Data)
{
    /// <summary>The facts of a model.</summary>
    /// <param name="modelFile">The model's path.</param>
    /// <param name="folder">The folder that the manifest will be in.</param>
    /// <param name="hardware">The target's name.</param>
    /// <exception cref="Diagnostics.HaqException">The model cannot be read (HAQ03xx).</exception>
    public static TemplateFacts Of(string modelFile, string folder, string hardware)
    {
        var model = OnnxModel.Load(modelFile);
        var view = new GraphView(model);
        // Without shapes: the manifest that is being written is where they are given.
        var layers = view.Order.Where(n => SkipReasons.Of(view, n) is null && LayerParts.Of(view, n) is not null);
        return new TemplateFacts(
            Path.GetRelativePath(folder, modelFile).Replace('\\', '/'),
            hardware,
            [.. view.Inputs.Select(i => (i.Name, ImmutableArray.CreateRange(i.Type?.TensorType?.Shape?.Dim.Select(d => d.DimValue > 0 ? d.DimValue : -1L) ?? [])))],
            [.. layers.Select(view.NameOf)],
            SuggestedData.In(folder));
    }
}
