using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Everything that is done to a float model before it is calibrated, searched and exported, in this order: a new rewriting is a line here. Each leaves what the network computes as it is but
/// for float32 rounding, so a network that goes wrong can be followed from pass to pass.
/// </summary>
public static class PreparationPasses
{
    internal const string FoldingLabel = "fold batch normalization", EqualizingLabel = "equalize neighbouring layers";

    /// <summary>The passes that these options ask for.</summary>
    public static IEnumerable<GraphPass> For(PreparationOptions options)
    {
        foreach (var pass in ReadingPasses.All) yield return pass;
        yield return OpsetUpgrade.To(options.Opset);
        yield return ReadingPasses.Naming;
        if (options.Form is { FixesShapes: true }) yield return GraphPass.OfEdit(FixedShapes.Label, model => FixedShapes.Apply(model, options.InputShapes));
        yield return GraphPass.OfEdit("drop limiters that limit nothing", IdleLimiters.Drop);
        foreach (var rewriting in Simplification.All.Where(s => options.Simplify.Contains(s.Name) && (options.FoldBatchNorm || !s.NeedsFolding)))
            yield return GraphPass.OfEdit(rewriting.Label, rewriting.Apply);
        if (options.FoldBatchNorm) yield return GraphPass.OfEdit(FoldingLabel, BatchNormFolding.Apply);
        if (options.Equalize) yield return GraphPass.OfEdit(EqualizingLabel, CrossLayerEqualization.Apply);
        if (options.Form is { EveryTensor: true }) yield return GraphPass.OfEdit(ProductFolding.Label, model => ProductFolding.Apply(model, options.InputShapes));
        if (options.Form is { StoresConstants: true }) yield return GraphPass.OfEdit(StoredConstants.Label, StoredConstants.Apply);
        if (options.Blocks) yield return GraphPass.OfEdit("write Gemm as MatMul and Add", GemmSplitting.Apply);
    }
}
