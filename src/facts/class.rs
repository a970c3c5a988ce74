//! What kind of column a name stands for: 动态要闻, 通知公告, 政策文件 …, guessed from its words.

use serde::{Deserialize, Serialize};

/// Column class (栏目类别); rules apply by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnClass {
    /// 动态、要闻类
    News,
    /// 通知公告
    Notice,
    /// 政策文件
    Policy,
    /// 规划、计划、年报、制度、指南: by nature rarely changed; exempt from news freshness.
    Planning,
    /// 人事信息
    Personnel,
    /// 互动交流
    Interaction,
    /// 办事服务
    Service,
    /// Everything else.
    Other,
}
