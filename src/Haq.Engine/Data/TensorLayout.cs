namespace Haq.Engine.Data;

/// <summary>Where the channels stand.</summary>
public enum TensorLayout
{
    /// <summary>Channels before the spatial dimensions.</summary>
    Nchw,

    /// <summary>Channels last.</summary>
    Nhwc,
}
