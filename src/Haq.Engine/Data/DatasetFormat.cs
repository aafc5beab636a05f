namespace Haq.Engine.Data;

/// <summary>How a data set is stored.</summary>
public enum DatasetFormat
{
    /// <summary>One NumPy array, samples along its first axis.</summary>
    Npy,

    /// <summary>A zip of NumPy arrays.</summary>
    Npz,

    /// <summary>The format of the MNIST family, plain or gzip.</summary>
    Idx,

    /// <summary>CIFAR-10's binary records: a label byte and 3 x 32 x 32 planes, plain or gzip.</summary>
    Cifar10,

    /// <summary>A folder or zip of JPEG and PNG files.</summary>
    Images,

    /// <summary>A row of numbers per sample, separated by commas, semicolons or tabs.</summary>
    Csv,

    /// <summary>Bare values of a declared type and shape, one sample after the other, plain or gzip.</summary>
    Raw,
}
