namespace Haq.Engine.Data;

/// <summary>Where an array's channels go.</summary>
internal enum ChannelMove
{
    /// <summary>They stay.</summary>
    None,

    /// <summary>From the last axis to the first.</summary>
    ToFirst,

    /// <summary>From the first axis to the last.</summary>
    ToLast,
}
