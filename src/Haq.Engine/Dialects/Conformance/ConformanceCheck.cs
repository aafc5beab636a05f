using System.Collections.Immutable;
using System.IO.Enumeration;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Conformance;

/// <summary>Holds a QDQ model, of whatever tool, against a target.</summary>
public static class ConformanceCheck
{
    /// <summary>Every node that breaks a rule.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="profile">The target.</param>
    /// <param name="allowed">Names of nodes that may break rules; * and ? stand for any text and any character.</param>
    /// <exception cref="HaqException">The model is not in QDQ form (HAQ0321), or its graph is not sound (HAQ0305).</exception>
    public static ConformanceReport Run(OnnxModel model, DialectProfile profile, IReadOnlyCollection<string>? allowed = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(profile);
        var qdq = new QdqModel(model);
        var verdicts = ImmutableArray.CreateBuilder<NodeVerdict>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        Add("", "", profile.Rules.SelectMany(r => r.CheckModel(qdq)));
        foreach (var node in qdq.Nodes) Add(node.Name, node.Operator, profile.Rules.SelectMany(r => r.Check(qdq, node)));
        int computing = verdicts.Count;
        if (profile.Find<ActivationsRule>() is { } activations)
        {
            foreach (var pair in qdq.LoosePairs)
                Add(qdq.View.NameOf(pair), pair.OpType, activations.Check(qdq.GridOf(pair), pair.InputAt(0)));
        }
        // A pair at the network's ends is no node that computes, but counts where it is refused.
        return new ConformanceReport(model.Name, profile, qdq.Nodes.Length + verdicts.Count - computing, verdicts.ToImmutable(), [.. (allowed ?? []).Where(a => !used.Contains(a))]);

        void Add(string name, string op, IEnumerable<Breach> breaches)
        {
            var found = breaches.DistinctBy(b => (b.Rule, b.What)).OrderBy(b => b.Rule.Effect).ToImmutableArray();
            if (found.IsEmpty) return;
            string? pattern = (allowed ?? []).FirstOrDefault(a => FileSystemName.MatchesSimpleExpression(a, name, ignoreCase: false));
            if (pattern is not null && name.Length > 0) used.Add(pattern);
            verdicts.Add(new NodeVerdict(name, op, found, pattern is not null && name.Length > 0));
        }
    }
}
