namespace Haq.Engine.Onnx;

/// <summary>One rewriting of a whole model. Pure: the model it is given stays as it is, and equal models give equal results.</summary>
/// <param name="Label">What it does, as an error quotes it: "fold batch normalization".</param>
/// <param name="Apply">Gives the rewritten copy, or the model itself where there is nothing to do.</param>
public sealed record GraphPass(string Label, Func<OnnxModel, PassResult> Apply)
{
    /// <summary>A pass from an edit in place: the edit gets a copy, and returns the nodes it changed or took away; none means that nothing changed.</summary>
    public static GraphPass OfEdit(string label, Func<OnnxModel, IReadOnlyList<string>> edit) => new(label, model =>
    {
        var copy = model.Clone();
        var nodes = edit(copy);
        return nodes.Count > 0 ? new PassResult(copy, true, nodes) : PassResult.Unchanged(model);
    });

    /// <summary>A pass from an edit in place that only tells whether it changed anything.</summary>
    public static GraphPass OfEdit(string label, Func<OnnxModel, bool> edit) => new(label, model =>
    {
        var copy = model.Clone();
        return edit(copy) ? new PassResult(copy, true, []) : PassResult.Unchanged(model);
    });

    /// <summary>Runs passes one after the other.</summary>
    /// <returns>The last pass's model, and what each of them did, in order.</returns>
    public static PassRun Run(OnnxModel model, IEnumerable<GraphPass> passes)
    {
        var applied = new List<AppliedPass>();
        foreach (var pass in passes)
        {
            var result = pass.Apply(model);
            applied.Add(new AppliedPass(pass.Label, result.Changed, result.Nodes));
            model = result.Model;
        }
        return new PassRun(model, [.. applied]);
    }
}
