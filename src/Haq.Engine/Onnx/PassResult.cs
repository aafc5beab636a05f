namespace Haq.Engine.Onnx;

/// <summary>What a <see cref="GraphPass"/> made of a model.</summary>
/// <param name="Model">The rewritten copy; the model that went in where nothing changed.</param>
/// <param name="Changed">Something is different.</param>
/// <param name="Nodes">Names of the nodes that were changed or are gone, where the pass tells them.</param>
public sealed record PassResult(OnnxModel Model, bool Changed, IReadOnlyList<string> Nodes)
{
    /// <summary>Nothing to do.</summary>
    public static PassResult Unchanged(OnnxModel model) => new(model, false, []);
}
