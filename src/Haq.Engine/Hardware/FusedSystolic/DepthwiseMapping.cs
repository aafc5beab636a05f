namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>How a depthwise layer is mapped.</summary>
internal enum DepthwiseMapping
{
    /// <summary>One channel a column, its window along the rows.</summary>
    AcrossColumns,

    /// <summary>One convolution from one channel to its outputs after another.</summary>
    Separate,
}
