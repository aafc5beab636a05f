using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Dialects.Conformance;

/// <summary>
/// What a target leaves to its host in a network of reals, however it will be quantized: operators that it lacks, attributes out of bounds, computed inputs that it wants constant, outputs that it
/// does not make.
/// </summary>
internal static class HostNodes
{
    /// <summary>The nodes; each is one of the model's own.</summary>
    /// <param name="model">The network, its functions written out; not changed.</param>
    /// <param name="profile">The target.</param>
    public static HashSet<NodeProto> Of(OnnxModel model, DialectProfile profile)
    {
        DialectRule[] rules = [.. profile.Rules.Where(r => r is OperatorsRule or LimitsRule or ConstantInputsRule or OutputsRule && r.Effect != RuleEffect.Note)];
        var reading = QdqModel.OfReals(model);
        return [.. reading.Nodes.Where(node => rules.Any(rule => rule.Check(reading, node).Any())).Select(n => n.Node)];
    }
}
