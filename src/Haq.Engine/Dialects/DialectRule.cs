using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects;

/// <summary>One rule of a target. Rules are values: two with the same content are equal.</summary>
public abstract record DialectRule
{
    private protected DialectRule(RuleDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        (Kind, Location) = (document.Kind.Name, document.Location);
        Source = document.Source;
        Effect = document.Effect;
        Reason = document.OptionalText("why");
    }

    /// <summary>The rule's name, as written after <c>rule:</c>.</summary>
    public string Kind { get; }

    /// <summary>What breaking it leads to.</summary>
    public RuleEffect Effect { get; }

    /// <summary>The key of the document that says so.</summary>
    public string Source { get; }

    /// <summary>What else there is to know, as the profile words it.</summary>
    public string? Reason { get; }

    /// <summary>Where it stands in its file.</summary>
    public SourceLocation Location { get; }

    /// <summary>The rule in a line, for <c>haq target show</c>.</summary>
    public abstract string Describe();

    /// <summary>How a node of a model breaks the rule.</summary>
    internal virtual IEnumerable<Breach> Check(QdqModel model, NodeReading node) => [];

    /// <summary>How a model as a whole breaks the rule.</summary>
    internal virtual IEnumerable<Breach> CheckModel(QdqModel model) => [];

    /// <summary>Rules of the same profile that this one cannot stand beside: throws where it finds one.</summary>
    internal virtual void RequireConsistent(IReadOnlyList<DialectRule> all) { }

    private protected HaqException Impossible(string what) => DiagnosticCatalog.ImpossibleRule.Error(Location, what);

    private protected Breach Broken(string what, string change, string? tensor = null, string? attribute = null) => new(this, what, change, tensor, attribute);
}
