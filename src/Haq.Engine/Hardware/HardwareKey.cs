namespace Haq.Engine.Hardware;

/// <summary>One key of a hardware file: what it means, and what it may be. The reader, <c>hardware show</c> and the schema all follow this.</summary>
/// <param name="Name">As written.</param>
/// <param name="Type">What its value is.</param>
/// <param name="Purpose">What it is, in a few words.</param>
/// <param name="Unit">For example <c>MHz</c>; empty for counts and words.</param>
/// <param name="Min">Least number.</param>
/// <param name="Max">Greatest number.</param>
/// <param name="Default">Its value when absent; null when it must be given (or is optional and absent has a meaning of its own).</param>
/// <param name="Choices">The words it may be.</param>
/// <param name="IsOptional">It may be absent although it has no default.</param>
internal sealed record HardwareKey(
    string Name, HardwareKeyType Type, string Purpose, string Unit = "", double Min = 1, double Max = 0, string? Default = null,
    IReadOnlyList<string>? Choices = null, bool IsOptional = false)
{
    /// <summary>A whole number.</summary>
    public static HardwareKey Integer(string name, string purpose, int max, string unit = "", int min = 1, string? @default = null, bool optional = false) =>
        new(name, HardwareKeyType.Integer, purpose, unit, min, max, @default, IsOptional: optional);

    /// <summary>A number that may have a fraction.</summary>
    public static HardwareKey Number(string name, string purpose, double min, double max, string unit = "", string? @default = null) =>
        new(name, HardwareKeyType.Number, purpose, unit, min, max, @default);

    /// <summary>One word of several.</summary>
    public static HardwareKey Word(string name, string purpose, IReadOnlyList<string> choices, string? @default = null) =>
        new(name, HardwareKeyType.Word, purpose, Default: @default, Choices: choices);

    /// <summary>Free text.</summary>
    public static HardwareKey Text(string name, string purpose, bool optional = false) =>
        new(name, HardwareKeyType.Text, purpose, IsOptional: optional);

    /// <summary>A mapping with a meaning of its own.</summary>
    public static HardwareKey Mapping(string name, string purpose, bool isOptional = true) =>
        new(name, HardwareKeyType.Mapping, purpose, IsOptional: isOptional);
}
