namespace Haq.Engine.Hardware;

/// <summary>What the value of a key in a hardware file is.</summary>
internal enum HardwareKeyType
{
    /// <summary>A whole number in a range.</summary>
    Integer,

    /// <summary>A number in a range.</summary>
    Number,

    /// <summary>One of several words.</summary>
    Word,

    /// <summary>Any text that is not empty.</summary>
    Text,

    /// <summary>A mapping.</summary>
    Mapping,
}
