using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>The operators that the target computes; others break the rule.</summary>
internal sealed record OperatorsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "operators", "the operators that the target computes", RuleEffect.Fallback, IsUnique: true,
        [
            new("names", DialectKeyType.Words, "operators, as in Conv; those of other domains as in com.microsoft:Gelu", IsOptional: true),
            new("domains", DialectKeyType.Words, "domains of which it computes every operator; ai.onnx is the standard's", IsOptional: true),
            new("except", DialectKeyType.Texts, "operators that are not among them, and why", IsOptional: true),
        ],
        document => new OperatorsRule(document));

    private OperatorsRule(RuleDocument document) : base(document)
    {
        (Names, Domains, Except) = ([.. document.Words("names")], [.. document.Words("domains")], document.Texts("except"));
        if (Names.IsEmpty && Domains.IsEmpty) throw document.Impossible("rule", "the target computes nothing: give 'names' or 'domains'.");
        if (Except.Keys.FirstOrDefault(Names.Contains) is { } both) throw document.Impossible("except", $"'{both}' is both among 'names' and among 'except': remove it from one.");
    }

    /// <summary>The operators.</summary>
    public ImmutableSortedSet<string> Names { get; }

    /// <summary>Domains of which every operator is computed.</summary>
    public ImmutableSortedSet<string> Domains { get; }

    /// <summary>Others of which the documents say why not.</summary>
    public ImmutableSortedDictionary<string, string> Except { get; }

    public override string Describe()
    {
        string what = Domains.IsEmpty ? $"computes {Names.Count} operators: {string.Join(", ", Names)}"
            : $"computes the operators of {string.Join(", ", Domains)}{(Names.IsEmpty ? "" : $", and {string.Join(", ", Names)}")}";
        return Except.IsEmpty ? what : $"{what}; not {string.Join(", ", Except.Keys)}";
    }

    /// <summary>The target computes the operator.</summary>
    public bool Takes(string name) => Names.Contains(name) || (!Except.ContainsKey(name) && Domains.Contains(name.Split(':') is [var domain, _] ? domain : "ai.onnx"));

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (Takes(node.Operator)) yield break;
        bool custom = !OpNames.IsStandard(node.Node.Domain) && node.Node.Domain is not (OpNames.MicrosoftDomain or OpNames.MachineLearningDomain);
        string what = custom ? $"{node.Operator} is a custom operator, which the target does not know" : $"the target does not compute {node.Operator}";
        if (Except.TryGetValue(node.Operator, out string? why)) what = $"{what} ({why})";
        yield return Broken(what, custom ? "Write it with standard operators, or leave it outside the part that the target runs."
            : "Write it with operators of 'haq target show', or leave it to the host.");
    }
}
