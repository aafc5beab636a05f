using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Which outputs of nodes may or must be read.</summary>
internal sealed record OutputsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "outputs", "outputs that may or must be read", RuleEffect.Fallback, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "the operators; absent: all", IsOptional: true),
            new("max", DialectKeyType.Integer, "how many outputs may be read, from the first on", IsOptional: true),
            new("read", DialectKeyType.Word, "all: every named output is read by a node or leaves the graph; any (default)", ["any", "all"], IsOptional: true),
        ],
        document => new OutputsRule(document));

    private OutputsRule(RuleDocument document) : base(document)
    {
        (Operators, Max, ReadsAll) = ([.. document.Words("operators")], document.OptionalInteger("max"), document.Word("read", "any") == "all");
        if (Max is null && !ReadsAll) throw document.Impossible("rule", "the rule bounds nothing: give 'max', or 'read: all'.");
        if (Max < 1) throw document.Impossible("max", "a node of which no output is read does nothing: 'max' is at least 1.");
    }

    public ImmutableSortedSet<string> Operators { get; }

    public int? Max { get; }

    public bool ReadsAll { get; }

    private string Which => Operators.IsEmpty ? "every operator" : string.Join(", ", Operators);

    public override string Describe() => ReadsAll ? $"every output of {Which} is read" : string.Create(CultureInfo.InvariantCulture, $"of {Which}, {Text(Max!.Value)} read");

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.IsEmpty && !Operators.Contains(node.Operator)) yield break;
        for (int place = 0; place < node.Node.Output.Count; place++)
        {
            string output = node.Node.Output[place];
            if (output.Length == 0) continue;
            bool isRead = model.View.IsOutput(output) || model.View.ConsumersOf(output).Count > 0;
            if (ReadsAll && !isRead)
                yield return Broken($"nothing reads output '{output}'; the target takes no output that leads nowhere", $"Take '{output}' off the node, where the standard lets it be left out.", output);
            else if (isRead && place >= Max)
                yield return Broken($"output '{output}' is read; of this operator, {Text(Max.Value)} supported", $"Compute '{output}' by other nodes.", output);
        }
    }

    private static string Text(int count) => count == 1 ? "only the first output is" : string.Create(CultureInfo.InvariantCulture, $"only the first {count} outputs are");
}
