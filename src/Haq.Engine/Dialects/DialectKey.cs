namespace Haq.Engine.Dialects;

/// <summary>What a key of a rule holds.</summary>
internal enum DialectKeyType
{
    Word,
    Words,
    Text,
    Integer,
    Number,
    Flag,
    Integers,
    Texts,
    WordLists,
}

/// <summary>One key of a rule: the reader, the schema and <c>haq target schema</c> follow it.</summary>
/// <param name="Name">As written.</param>
/// <param name="Type">What its value is.</param>
/// <param name="Purpose">What it is, in a few words.</param>
/// <param name="Choices">The words it may be; null where any word goes.</param>
/// <param name="IsOptional">It may be absent.</param>
internal sealed record DialectKey(string Name, DialectKeyType Type, string Purpose, IReadOnlyList<string>? Choices = null, bool IsOptional = false)
{
    public DialectKey Optional => this with { IsOptional = true };
}
